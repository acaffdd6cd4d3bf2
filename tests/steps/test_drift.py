"""Somebody changes something by hand: the edits that test_drift_fields makes, and one that nothing here may undo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.world import World

INPUT = "cci-lite-input-123456789012-eu-central-1-an"
RESULTS = "cci-lite-results-123456789012-eu-central-1-an"
KEY = "alias/cci-lite-master-key"
ROLE = "cci-lite-lambda-role"
FUNCTION = "cci-lite-processor"
ARN = "arn:aws:{}:eu-central-1:123456789012:{}"
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}
EVERYTHING = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
AES256 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}


def key(world: World) -> str:
    return str(world.rules.look("kms").describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"])


def without(world: World, bucket: str, sid: str) -> None:
    """Take one statement out of a bucket's policy."""
    s3 = world.rules.look("s3")
    policy = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])
    policy["Statement"] = [each for each in policy["Statement"] if each["Sid"] != sid]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def weakened(world: World, bucket: str, sid: str) -> None:
    """Let one statement of a bucket's policy allow what it denied."""
    s3 = world.rules.look("s3")
    text = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    policy = json.loads(text)
    for each in policy["Statement"]:
        if each["Sid"] == sid:
            each["Action"] = "s3:PutObjectAcl"
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def stranger_as_key_user(world: World) -> None:
    """The function's role out of the key's users."""
    kms = world.rules.look("kms")
    text = kms.get_key_policy(KeyId=key(world), PolicyName="default")["Policy"]
    policy = text.replace(f"arn:aws:iam::123456789012:role/{ROLE}", "arn:aws:iam::123456789012:user/operator")
    kms.put_key_policy(KeyId=key(world), PolicyName="default", Policy=policy)


def full_access(world: World) -> None:
    """A policy of the name that the plan attached for its first test."""
    iam = world.rules.look("iam")
    made = iam.create_policy(PolicyName="AmazonS3FullAccess", PolicyDocument=json.dumps(EVERYTHING))
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=made["Policy"]["Arn"])


def lifecycle(world: World, days: int) -> None:
    """Another number of days in the rule that the runbook names."""
    rules = world.rules.lifecycles[INPUT]
    world.rules.lifecycles[INPUT] = [
        {**each, "Expiration": {"Days": days}} if each["ID"] == "input-retention-1d" else each for each in rules
    ]


def configuration(**changes: Any) -> Callable[[World], object]:
    return lambda w: w.rules.look("lambda").update_function_configuration(FunctionName=FUNCTION, **changes)


def alarm(world: World) -> None:
    cloudwatch = world.rules.look("cloudwatch")
    found = cloudwatch.describe_alarms(AlarmNames=["cci-lite-processor-errors"])["MetricAlarms"][0]
    kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods")
    told = {name: found[name] for name in (*kept, "ComparisonOperator", "TreatMissingData", "AlarmActions")}
    cloudwatch.put_metric_alarm(**{**told, "Threshold": 50.0})


Spoil = Callable[[World], object]
DRIFT: list[tuple[str, str, Spoil]] = [
    ("master-key", "description", lambda w: w.rules.look("kms").update_key_description(KeyId=key(w), Description="x")),
    ("master-key", "rotation", lambda w: w.rules.look("kms").disable_key_rotation(KeyId=key(w))),
    (
        "master-key",
        "tags.Project",
        lambda w: w.rules.look("kms").tag_resource(KeyId=key(w), Tags=[{"TagKey": "Project", "TagValue": "x"}]),
    ),
    ("key-user", "statements.Allow use of the key", stranger_as_key_user),
    (
        "input-bucket",
        "public_access_block.BlockPublicAcls",
        lambda w: w.rules.look("s3").put_public_access_block(Bucket=INPUT, PublicAccessBlockConfiguration=OPEN),
    ),
    (
        "input-bucket",
        "ownership",
        lambda w: w.rules.look("s3").put_bucket_ownership_controls(
            Bucket=INPUT, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
        ),
    ),
    (
        "results-default-key",
        "algorithm",
        lambda w: w.cloud.client("s3").put_bucket_encryption(Bucket=RESULTS, ServerSideEncryptionConfiguration=AES256),
    ),
    ("input-lifecycle", "rules.input-retention-1d.days", lambda w: lifecycle(w, 400)),
    (
        "input-tls",
        "statements.CciLiteDenyInsecureTransport",
        lambda w: without(w, INPUT, "CciLiteDenyInsecureTransport"),
    ),
    (
        "input-encrypted",
        "statements.CciLiteDenyNotSseKms.actions",
        lambda w: weakened(w, INPUT, "CciLiteDenyNotSseKms"),
    ),
    (
        "processor-role",
        "too_much",
        full_access,
    ),
    (
        "processor-policy",
        "document",
        lambda w: w.rules.look("iam").put_role_policy(
            RoleName=ROLE,
            PolicyName=FUNCTION,
            PolicyDocument=json.dumps(EVERYTHING),
        ),
    ),
    (
        "models-parameter",
        "value.bedrock_region",
        lambda w: w.rules.look("ssm").put_parameter(
            Name="/cci-lite/config/models",
            Value=json.dumps({"bedrock_model_summary": "eu.anthropic.claude-haiku-5-5", "bedrock_region": "us-east-1"}),
            Overwrite=True,
        ),
    ),
    (
        "tenants-parameters",
        "tenants.demo-tenant.retention_days_results",
        lambda w: w.rules.look("ssm").put_parameter(
            Name="/cci-lite/config/tenants/demo-tenant",
            Value=json.dumps(
                {
                    "tenant_id": "demo-tenant",
                    "retention_days_input": 1,
                    "retention_days_results": 900,
                    "agent_channel": 0,
                }
            ),
            Overwrite=True,
        ),
    ),
    (
        "processor-logs",
        "retention_days",
        lambda w: w.rules.look("logs").put_retention_policy(
            logGroupName="/aws/lambda/cci-lite-processor", retentionInDays=365
        ),
    ),
    (
        "processor-failures",
        "retention_s",
        lambda w: w.rules.look("sqs").set_queue_attributes(
            QueueUrl=w.rules.look("sqs").get_queue_url(QueueName="cci-lite-processor-failures")["QueueUrl"],
            Attributes={"MessageRetentionPeriod": "60"},
        ),
    ),
    ("processor", "memory", configuration(MemorySize=128)),
    ("processor", "timeout", configuration(Timeout=3)),
    ("processor", "environment.OUTPUT_BUCKET", configuration(Environment={"Variables": {"OUTPUT_BUCKET": "other"}})),
    (
        "on-new-call",
        "notifications.on-new-call-demo-tenant",
        lambda w: w.rules.look("s3").put_bucket_notification_configuration(
            Bucket=INPUT, NotificationConfiguration={"EventBridgeConfiguration": {}}
        ),
    ),
    ("transcribe-state", "state", lambda w: w.rules.look("events").disable_rule(Name="cci-lite-transcribe-state")),
    (
        "transcribe-state",
        "target",
        lambda w: w.rules.look("events").remove_targets(Rule="cci-lite-transcribe-state", Ids=["cci-lite"]),
    ),
    ("errors-alarm", "threshold", alarm),
]


def test_a_key_that_is_scheduled_for_deletion_blocks_with_the_way_out(provisioned: World) -> None:
    kms, id_ = provisioned.rules.look("kms"), key(provisioned)
    kms.schedule_key_deletion(KeyId=id_, PendingWindowInDays=7)
    blocked = provisioned.plan().halted
    assert blocked[0].step.meta.id == "master-key"
    assert f"aws kms cancel-key-deletion --key-id {id_}" in blocked[0].reason
    provisioned.rules.forget()
    provisioned.provision()
    assert provisioned.rules.writes() == []
