"""What a live run can leave behind, kind by kind: how it is listed with its tags, and how it is removed.

Each service is asked itself: the Resource Groups Tagging API lags behind and does not know IAM roles. Knows boto3's
clients; what is to be removed is decided in sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.live import emptying
from tests.live.tags import Tags, pairs, readable

Client = Callable[[str], Any]


@dataclass(frozen=True)
class Thing:
    """One thing in the account. `ref` is what its service's calls name it by."""

    kind: str
    ref: str
    tags: Tags


@dataclass(frozen=True)
class Kind:
    """listed: (ref, tags) of everything of the kind in region and account; remove: takes a ref."""

    name: str
    listed: Callable[[Client], Iterator[tuple[str, Tags]]]
    remove: Callable[[Client, str], None]


def pages(client: Any, operation: str, result: str, **params: Any) -> Iterator[Any]:
    for page in client.get_paginator(operation).paginate(**params):
        yield from page.get(result, [])


def _rules(client: Client) -> Iterator[tuple[str, Tags]]:
    events = client("events")
    for each in pages(events, "list_rules", "Rules"):
        yield each["Name"], pairs(events.list_tags_for_resource(ResourceARN=each["Arn"])["Tags"])


def _remove_rule(client: Client, name: str) -> None:
    events = client("events")
    targets = [each["Id"] for each in events.list_targets_by_rule(Rule=name)["Targets"]]
    if targets:
        events.remove_targets(Rule=name, Ids=targets)
    events.delete_rule(Name=name)


def _functions(client: Client) -> Iterator[tuple[str, Tags]]:
    function = client("lambda")
    for each in pages(function, "list_functions", "Functions"):
        yield each["FunctionName"], function.list_tags(Resource=each["FunctionArn"])["Tags"]


def _alarms(client: Client) -> Iterator[tuple[str, Tags]]:
    watch = client("cloudwatch")
    for each in pages(watch, "describe_alarms", "MetricAlarms"):
        yield each["AlarmName"], pairs(watch.list_tags_for_resource(ResourceARN=each["AlarmArn"])["Tags"])


def _topics(client: Client) -> Iterator[tuple[str, Tags]]:
    sns = client("sns")
    for arn in (each["TopicArn"] for each in pages(sns, "list_topics", "Topics")):
        yield arn, readable(lambda arn=arn: pairs(sns.list_tags_for_resource(ResourceArn=arn)["Tags"]))


def _queues(client: Client) -> Iterator[tuple[str, Tags]]:
    sqs = client("sqs")
    for url in pages(sqs, "list_queues", "QueueUrls"):
        yield url, readable(lambda url=url: sqs.list_queue_tags(QueueUrl=url).get("Tags", {}))


def _log_groups(client: Client) -> Iterator[tuple[str, Tags]]:
    logs = client("logs")
    for each in pages(logs, "describe_log_groups", "logGroups"):
        arn = each["arn"].removesuffix(":*")  # this operation refuses the form that the other one answers
        yield each["logGroupName"], logs.list_tags_for_resource(resourceArn=arn)["tags"]


def _crawlers(client: Client) -> Iterator[tuple[str, Tags]]:
    glue = client("glue")
    for each in pages(glue, "get_crawlers", "Crawlers"):
        yield each["Name"], glue.get_tags(ResourceArn=_arn(client, "glue", f"crawler/{each['Name']}"))["Tags"]


def _databases(client: Client) -> Iterator[tuple[str, Tags]]:
    glue = client("glue")
    for each in pages(glue, "get_databases", "DatabaseList"):
        yield each["Name"], glue.get_tags(ResourceArn=_arn(client, "glue", f"database/{each['Name']}"))["Tags"]


def _workgroups(client: Client) -> Iterator[tuple[str, Tags]]:
    """primary is AWS's own, and cannot be deleted."""
    athena = client("athena")
    page = athena.list_work_groups()
    found = list(page["WorkGroups"])
    while token := page.get("NextToken"):
        page = athena.list_work_groups(NextToken=token)
        found += page["WorkGroups"]
    for name in (each["Name"] for each in found if each["Name"] != "primary"):
        arn = _arn(client, "athena", f"workgroup/{name}")
        yield name, pairs(athena.list_tags_for_resource(ResourceARN=arn)["Tags"])


def _parameters(client: Client) -> Iterator[tuple[str, Tags]]:
    ssm = client("ssm")
    for each in pages(ssm, "describe_parameters", "Parameters"):
        found = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=each["Name"])
        yield each["Name"], pairs(found.get("TagList", []))


def _roles(client: Client) -> Iterator[tuple[str, Tags]]:
    iam = client("iam")
    for each in pages(iam, "list_roles", "Roles"):
        yield each["RoleName"], pairs(iam.list_role_tags(RoleName=each["RoleName"])["Tags"])


def _remove_role(client: Client, name: str) -> None:
    iam = client("iam")
    for each in pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name):
        iam.detach_role_policy(RoleName=name, PolicyArn=each["PolicyArn"])
    for each in pages(iam, "list_role_policies", "PolicyNames", RoleName=name):
        iam.delete_role_policy(RoleName=name, PolicyName=each)
    iam.delete_role(RoleName=name)


def _arn(client: Client, service: str, resource: str) -> str:
    caller = client("sts").get_caller_identity()
    partition = caller["Arn"].split(":")[1]
    return f"arn:{partition}:{service}:{client(service).meta.region_name}:{caller['Account']}:{resource}"


#: In the order in which they are removed: what calls first, what is called later, the key last.
KINDS: tuple[Kind, ...] = (
    Kind("event rule", _rules, _remove_rule),
    Kind("function", _functions, lambda client, ref: client("lambda").delete_function(FunctionName=ref)),
    Kind("alarm", _alarms, lambda client, ref: client("cloudwatch").delete_alarms(AlarmNames=[ref])),
    Kind("topic", _topics, lambda client, ref: client("sns").delete_topic(TopicArn=ref)),
    Kind("queue", _queues, lambda client, ref: client("sqs").delete_queue(QueueUrl=ref)),
    Kind("log group", _log_groups, lambda client, ref: client("logs").delete_log_group(logGroupName=ref)),
    Kind("crawler", _crawlers, lambda client, ref: client("glue").delete_crawler(Name=ref)),
    Kind("database", _databases, lambda client, ref: client("glue").delete_database(Name=ref)),
    Kind(
        "workgroup",
        _workgroups,
        lambda client, ref: client("athena").delete_work_group(WorkGroup=ref, RecursiveDeleteOption=True),
    ),
    Kind("parameter", _parameters, lambda client, ref: client("ssm").delete_parameter(Name=ref)),
    Kind("role", _roles, _remove_role),
    Kind("bucket", emptying.buckets, emptying.remove_bucket),
    Kind("key", emptying.keys, emptying.remove_key),
)


def everything(client: Client) -> list[Thing]:
    """All things of all kinds, ours or not, in the order of removal."""
    return [Thing(each.name, ref, tags) for each in KINDS for ref, tags in each.listed(client)]


def remove(client: Client, thing: Thing) -> None:
    """One thing goes, with what is in it. Raises botocore's ClientError."""
    next(each for each in KINDS if each.name == thing.kind).remove(client, thing.ref)
