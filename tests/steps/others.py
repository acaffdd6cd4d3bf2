"""What other people have in an account that cci-lite works in, and what there must never be two of."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.tags import OWNER_KEY, as_map
from cci_lite.steps.probes import PREFIX
from tests.steps.faults import state
from tests.steps.test_foreign import INPUT
from tests.world import World


def theirs(world: World, *, adopted: bool) -> dict[str, Any]:
    """Everything tests.steps.test_foreign made for other people (`adopted`: also the input bucket), by value."""
    look = world.rules.look
    found = {
        "bucket": _held(look("s3"), "somebody-elses"),
        "keys": [
            (each["Description"], each["KeyState"])
            for each in (_key(world, key) for key in _keys(world))
            if each["Description"] == "somebody else's"
        ],
        "parameters": [look("ssm").get_parameter(Name=each)["Parameter"]["Value"] for each in _PARAMETERS],
        "queue": look("sqs").get_queue_url(QueueName="theirs")["QueueUrl"],
        "topics": [each for each in _topics(world) if each.endswith(":theirs")],
        "log group": _groups(world, "/aws/lambda/cci-lite-processor-of-somebody"),
        "rule": look("events").describe_rule(Name="theirs")["EventPattern"],
    }
    return {**found, **(_in_their_bucket(world) if adopted else {})}


_PARAMETERS = ("/cci-lite/config/tenants/other", "/theirs")


def _in_their_bucket(world: World) -> dict[str, Any]:
    """Their recording, statement, lifecycle rule and tag in the bucket that the runbook adopted."""
    s3 = world.rules.look("s3")
    policy = PolicyDocument.parse(s3.get_bucket_policy(Bucket=INPUT)["Policy"])
    tags = as_map(s3.get_bucket_tagging(Bucket=INPUT)["TagSet"])
    return {
        "recording": s3.get_object(Bucket=INPUT, Key="demo-tenant/calls/kept.wav")["Body"].read(),
        "statement": [each for each in policy.statements if each.sid == "TheirOwn"],
        "lifecycle": [each for each in world.rules.lifecycles[INPUT] if each["ID"] == "theirs"],
        "tag": tags.get("Theirs"),
    }


def twice(world: World) -> list[str]:
    """Names of what is there more than once and must not be: keys of ours, rules, statements, subscriptions."""
    look = world.rules.look
    keys = [_key(world, each)["KeyState"] for each in _keys(world) if OWNER_KEY in _key_tags(world, each)]
    names = ["our key" for each in keys if each == "Enabled"]
    names += [f"subscription {each['Endpoint']}" for each in look("sns").list_subscriptions()["Subscriptions"]]
    for bucket in (each["Name"] for each in look("s3").list_buckets()["Buckets"]):
        names += [f"{bucket} {each}" for each in _named_in(world, bucket)]
    for rule in (each["Name"] for each in look("events").list_rules()["Rules"]):
        names += [f"{rule} target {each['Arn']}" for each in look("events").list_targets_by_rule(Rule=rule)["Targets"]]
    return [name for name, count in Counter(names).items() if count > 1]


def shape(world: World) -> str:
    """The account without the objects in its buckets and without ids: equal after every undisturbed provision."""
    found = json.loads(state(world))
    found["keys"] = sorted({json.dumps(each) for each in found["keys"]})
    found["aliases"] = sorted(found["aliases"])
    for each in found["buckets"].values():
        del each["keys"]
        each["notifications"].get("LambdaFunctionConfigurations", []).sort(key=lambda one: str(one["Id"]))
    return re.sub(r"key-\d+", "key", json.dumps(found, sort_keys=True))


def objects(world: World) -> set[tuple[str, str]]:
    """Bucket and key of every object; folder markers and probes left out."""
    s3 = world.rules.look("s3")
    held = {(each["Name"], key) for each in s3.list_buckets()["Buckets"] for key in _held(s3, each["Name"])}
    return {(bucket, key) for bucket, key in held if not key.endswith("/") and not key.startswith(PREFIX)}


def _held(s3: Any, bucket: str) -> list[str]:
    return [each["Key"] for each in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


def _keys(world: World) -> list[str]:
    return [each["KeyId"] for each in world.rules.look("kms").list_keys()["Keys"]]


def _key(world: World, key: str) -> Any:
    return world.rules.look("kms").describe_key(KeyId=key)["KeyMetadata"]


def _key_tags(world: World, key: str) -> dict[str, str]:
    return as_map(world.rules.look("kms").list_resource_tags(KeyId=key)["Tags"], "TagKey", "TagValue")


def _topics(world: World) -> list[str]:
    return [each["TopicArn"] for each in world.rules.look("sns").list_topics()["Topics"]]


def _groups(world: World, name: str) -> list[str]:
    found = world.rules.look("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return [each["logGroupName"] for each in found]


def _named_in(world: World, bucket: str) -> list[str]:
    """Statements, lifecycle rules and notifications of one bucket."""
    s3 = world.rules.look("s3")
    told = s3.get_bucket_notification_configuration(Bucket=bucket).get("LambdaFunctionConfigurations", [])
    rules = [f"lifecycle {each['ID']}" for each in world.rules.lifecycles.get(bucket, [])]
    return [*rules, *(f"notification {each['Id']}" for each in told), *_sids(s3, bucket)]


def _sids(s3: Any, bucket: str) -> list[str]:
    try:
        policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except s3.exceptions.ClientError:
        return []
    return [f"statement {each['Sid']}" for each in json.loads(policy)["Statement"]]
