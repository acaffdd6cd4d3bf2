"""What S3 asks before it takes a bucket's notifications. Source: aws-facts 7."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tests.aws_rules.answers import Answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_TARGETS = {
    "LambdaFunctionConfigurations": "LambdaFunctionArn",
    "QueueConfigurations": "QueueArn",
    "TopicConfigurations": "TopicArn",
}
_ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def targets_answer(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """Every target exists and lets the bucket in; no two configurations catch the same event of the same object."""
    if (service, operation) != ("s3", "PutBucketNotificationConfiguration"):
        return None
    wish = params["NotificationConfiguration"]
    found = [(each, each[arn]) for kind, arn in _TARGETS.items() for each in wish.get(kind, [])]
    if any(_overlap(one, other) for (one, _), (other, _) in combinations(found, 2)):
        text = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
        return refusal("InvalidArgument", text)
    if params.get("SkipDestinationValidation"):
        return None
    if all(_lets_in(rules, arn, params["Bucket"]) for _, arn in found):
        return None
    return refusal("InvalidArgument", "Unable to validate the following destination configurations")


def _overlap(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    events = any(_same(a, b) for a in one["Events"] for b in other["Events"])
    (prefix, suffix), (prefix_2, suffix_2) = _filter(one), _filter(other)
    starts = prefix.startswith(prefix_2) or prefix_2.startswith(prefix)
    ends = suffix.endswith(suffix_2) or suffix_2.endswith(suffix)
    return events and starts and ends


def _same(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _filter(configuration: Mapping[str, Any]) -> tuple[str, str]:
    found = configuration.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    values = {each["Name"].lower(): each["Value"] for each in found}
    return values.get("prefix", ""), values.get("suffix", "")


def _lets_in(rules: Rules, target: str, bucket: str) -> bool:
    """Whether the target's own policy lets S3 in, for this bucket and this account."""
    service = target.split(":")[2]
    source = f"arn:aws:s3:::{bucket}"
    return any(
        statement["Effect"] == "Allow"
        and "s3.amazonaws.com" in json.dumps(statement.get("Principal", ""))
        and _acts(statement, _ACTIONS[service])
        and _matches(statement.get("Condition", {}), source, rules.account)
        for statement in _policy(rules, service, target)
    )


def _policy(rules: Rules, service: str, target: str) -> Iterator[dict[str, Any]]:
    client, name = rules.look(service), target.rsplit(":", 1)[-1]
    try:
        if service == "lambda":
            text = client.get_policy(FunctionName=target)["Policy"]
        elif service == "sqs":
            url = client.get_queue_url(QueueName=name)["QueueUrl"]
            found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
            text = found.get("Attributes", {}).get("Policy", "{}")
        else:
            text = client.get_topic_attributes(TopicArn=target)["Attributes"].get("Policy", "{}")
    except client.exceptions.ClientError:
        return
    statements = json.loads(text).get("Statement", [])
    yield from statements if isinstance(statements, list) else [statements]


def _acts(statement: Mapping[str, Any], action: str) -> bool:
    found = statement.get("Action", [])
    return any(fnmatchcase(action.lower(), each.lower()) for each in ([found] if isinstance(found, str) else found))


def _matches(condition: Mapping[str, Any], source: str, account: str) -> bool:
    for block in condition.values():
        for key, value in block.items():
            values = [value] if isinstance(value, str) else value
            actual = {"aws:sourcearn": source, "aws:sourceaccount": account}.get(key.lower(), "")
            if not any(fnmatchcase(actual, each) for each in values):
                return False
    return True
