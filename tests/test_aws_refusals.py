"""The rules of tests/aws_rules that came later: refusals that pass, stale reads, values AWS does not take."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.config import Config

from tests.aws_rules.unsettled import PASSING
from tests.test_aws_rules import ACCOUNT, BUCKET, ROOT, Aws, allow, policy, refused
from tests.test_aws_rules import aws as aws

CLOSED = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
AES256 = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
EXPIRE = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
DENY = policy({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*"})


def key(aws: Aws) -> str:
    """The one key there is."""
    (found,) = aws.kms.list_keys()["Keys"]
    return str(found["KeyId"])


#: One good call of each operation that is refused at first.
CALLS: dict[str, Callable[[Aws], Any]] = {
    "s3:PutPublicAccessBlock": lambda a: a.s3.put_public_access_block(
        Bucket=BUCKET, PublicAccessBlockConfiguration=CLOSED
    ),
    "s3:PutBucketOwnershipControls": lambda a: a.s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    ),
    "s3:PutBucketEncryption": lambda a: a.s3.put_bucket_encryption(
        Bucket=BUCKET, ServerSideEncryptionConfiguration=AES256
    ),
    "s3:PutBucketLifecycleConfiguration": lambda a: a.s3.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": [EXPIRE]}
    ),
    "s3:PutBucketPolicy": lambda a: a.s3.put_bucket_policy(Bucket=BUCKET, Policy=DENY),
    "s3:PutBucketNotificationConfiguration": lambda a: a.s3.put_bucket_notification_configuration(
        Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}}
    ),
    "lambda:PutFunctionEventInvokeConfig": lambda a: a.lambda_.put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=1
    ),
    "lambda:DeleteFunctionEventInvokeConfig": lambda a: a.lambda_.delete_function_event_invoke_config(FunctionName="f"),
    "kms:CreateAlias": lambda a: a.kms.create_alias(AliasName="alias/k", TargetKeyId=key(a)),
    "kms:EnableKeyRotation": lambda a: a.kms.enable_key_rotation(KeyId=key(a)),
    "kms:ListResourceTags": lambda a: a.kms.list_resource_tags(KeyId=key(a)),
    "kms:GetKeyRotationStatus": lambda a: a.kms.get_key_rotation_status(KeyId=key(a)),
    "kms:GetKeyPolicy": lambda a: a.kms.get_key_policy(KeyId=key(a), PolicyName="default"),
    "kms:PutKeyPolicy": lambda a: a.kms.put_key_policy(KeyId=key(a), PolicyName="default", Policy=policy(ROOT)),
    "logs:CreateLogGroup": lambda a: a.logs.create_log_group(logGroupName="/g"),
    "logs:PutRetentionPolicy": lambda a: a.logs.put_retention_policy(logGroupName="/there", retentionInDays=30),
    "logs:DeleteLogGroup": lambda a: a.logs.delete_log_group(logGroupName="/there"),
    "iam:DeleteRole": lambda a: a.iam.delete_role(RoleName="r"),
}


@pytest.mark.parametrize("call", PASSING)
def test_what_aws_has_not_heard_of_is_refused_for_a_while(aws: Aws, call: str) -> None:
    aws.bucket()
    aws.kms.create_key()
    aws.function(aws.role())
    aws.lambda_.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    aws.logs.create_log_group(logGroupName="/there")
    aws.rules.unsettled = 2
    codes = [refused(lambda: CALLS[call](aws)) for _ in range(2)]
    assert codes == [PASSING[call].code] * 2
    CALLS[call](aws)


def test_the_name_of_a_deleted_bucket_is_busy_for_minutes(aws: Aws) -> None:
    aws.rules.deletion_s = 120
    aws.s3.delete_bucket(Bucket=aws.bucket())
    assert refused(aws.bucket) == "OperationAborted"
    aws.rules.clock.sleep(120)
    aws.bucket()


def test_the_name_of_a_deleted_queue_is_busy_for_a_minute(aws: Aws) -> None:
    aws.rules.deletion_s = 60
    aws.sqs.delete_queue(QueueUrl=aws.sqs.create_queue(QueueName="q")["QueueUrl"])
    code = refused(lambda: aws.sqs.create_queue(QueueName="q"))
    assert code == "AWS.SimpleQueueService.QueueDeletedRecently"
    aws.rules.clock.sleep(60)
    aws.sqs.create_queue(QueueName="q")


def test_a_role_that_still_has_a_policy_is_not_deleted(aws: Aws) -> None:
    aws.role()
    right = policy({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    aws.iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=right)
    assert refused(lambda: aws.iam.delete_role(RoleName="r")) == "DeleteConflict"


def test_a_changed_policy_is_read_as_it_was_for_a_while(aws: Aws) -> None:
    bucket, role = aws.bucket(), aws.role()
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=DENY)
    aws.rules.stale_reads = 2
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(role)))
    effects = [json.loads(aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"] for _ in range(3)]
    assert [each[0]["Effect"] for each in effects] == ["Deny", "Deny", "Allow"]


def test_a_changed_key_policy_is_read_as_it_was_for_a_while(aws: Aws) -> None:
    key, role = aws.kms.create_key()["KeyMetadata"]["KeyId"], aws.role()
    aws.rules.stale_reads = 1
    document = policy(ROOT, allow(role, "kms:Decrypt", "*"))
    aws.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
    seen = [aws.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] for _ in range(2)]
    assert [role in each for each in seen] == [False, True]


def test_a_changed_role_policy_is_read_as_it_was_for_a_while(aws: Aws) -> None:
    aws.role()
    which = {"RoleName": "r", "PolicyName": "p"}
    first, second = (policy({"Effect": each, "Action": "s3:*", "Resource": "*"}) for each in ("Deny", "Allow"))
    aws.iam.put_role_policy(**which, PolicyDocument=first)
    aws.rules.stale_reads = 1
    aws.iam.put_role_policy(**which, PolicyDocument=second)
    seen = [aws.iam.get_role_policy(**which)["PolicyDocument"]["Statement"][0]["Effect"] for _ in range(2)]
    assert seen == ["Deny", "Allow"]


def test_a_share_of_all_calls_is_answered_500_at_first_and_has_no_effect(aws: Aws) -> None:
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    sqs = aws.rules.session.client("sqs", region_name="eu-central-1", config=once)
    aws.rules.broken = 1.0
    assert refused(lambda: sqs.create_queue(QueueName="q")) == "InternalError"
    assert aws.sqs.list_queues().get("QueueUrls", []) == []
    aws.sqs.create_queue(QueueName="q")


@pytest.mark.parametrize(
    ("model", "code", "text"),
    [
        ("anthropic.claude-haiku-5-5", "ValidationException", "on-demand throughput isn't supported"),
        ("anthropic.claude-3-haiku-20240307", "ValidationException", "model identifier is invalid"),
        ("anthropic.claude-3-haiku-20240307-v1:0", "ResourceNotFoundException", "end of its life"),
        ("eu.anthropic.claude-none", "ValidationException", "model identifier is invalid"),
    ],
)
def test_only_an_inference_profile_that_is_there_answers(aws: Aws, model: str, code: str, text: str) -> None:
    converse = aws.rules.session.client("bedrock-runtime", region_name="eu-central-1").converse
    said = [{"role": "user", "content": [{"text": "ready?"}]}]
    with pytest.raises(aws.iam.exceptions.ClientError, match=text) as caught:
        converse(modelId=model, messages=said)
    assert caught.value.response["Error"]["Code"] == code
    arn = f"arn:aws:bedrock:eu-central-1:{ACCOUNT}:inference-profile/eu.anthropic.claude-haiku-5-5"
    assert converse(modelId=arn, messages=said)["output"]["message"]["role"] == "assistant"


def test_a_parameter_neither_refers_to_others_nor_lies_deeper_than_15_levels(aws: Aws) -> None:
    put = aws.ssm.put_parameter
    assert refused(lambda: put(Name="/a", Value='{"question": "{{b}}"}', Type="String")) == "ValidationException"
    put(Name="/a", Value='{"b": {"c": {}}}', Type="String")
    deep = "/a" * 16
    assert refused(lambda: put(Name=deep, Value="v", Type="String")) == "HierarchyLevelLimitExceededException"
    put(Name="/a" * 15, Value="v", Type="String")


@pytest.mark.parametrize("prefix", ["/aws/x", "ssmx", "AWSx"])
def test_names_of_awss_own_parameters_are_refused(aws: Aws, prefix: str) -> None:
    code = refused(lambda: aws.ssm.put_parameter(Name=prefix, Value="v", Type="String"))
    assert code in ("AccessDeniedException", "ValidationException")


def test_glue_cannot_assume_a_role_that_is_new_or_was_never_there(aws: Aws) -> None:
    aws.rules.role_lag_s = 10
    role = aws.role(service="glue.amazonaws.com")
    wish = {"Name": "c", "DatabaseName": "d", "Targets": {"S3Targets": [{"Path": "s3://b/"}]}}
    create = aws.glue.create_crawler
    assert refused(lambda: create(**wish, Role=f"{role}-other")) == "InvalidInputException"
    assert refused(lambda: create(**wish, Role=role)) == "InvalidInputException"
    aws.rules.clock.sleep(10)
    create(**wish, Role="r")


def test_a_lifecycle_rule_without_a_filter_is_no_rule(aws: Aws) -> None:
    bare = {"Rules": [{name: value for name, value in EXPIRE.items() if name != "Filter"}]}
    put, bucket = aws.s3.put_bucket_lifecycle_configuration, aws.bucket()
    assert refused(lambda: put(Bucket=bucket, LifecycleConfiguration=bare)) == "MalformedXML"


def test_an_empty_event_bridge_configuration_means_on_and_is_given_back(aws: Aws) -> None:
    bucket, on = aws.bucket(), {"EventBridgeConfiguration": {}}
    put, get = aws.s3.put_bucket_notification_configuration, aws.s3.get_bucket_notification_configuration
    assert "EventBridgeConfiguration" not in get(Bucket=bucket)
    put(Bucket=bucket, NotificationConfiguration=on)
    assert get(Bucket=bucket)["EventBridgeConfiguration"] == {}
    put(Bucket=bucket, NotificationConfiguration={})
    assert "EventBridgeConfiguration" not in get(Bucket=bucket)


def test_policies_of_topics_and_roles_are_read_back_in_other_words(aws: Aws) -> None:
    topic = aws.sns.create_topic(Name="t")["TopicArn"]
    publish = {"Sid": "P", "Effect": "Allow", "Principal": {"Service": ["s3.amazonaws.com"]}, "Action": ["sns:Publish"]}
    document = policy({**publish, "Resource": [topic]})
    aws.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document)
    seen = json.loads(aws.sns.get_topic_attributes(TopicArn=topic)["Attributes"]["Policy"])["Statement"][0]
    assert (seen["Action"], seen["Resource"]) == ("sns:Publish", topic)
    trust = policy({"Effect": "Allow", "Principal": {"Service": ["a.amazonaws.com"]}, "Action": ["sts:AssumeRole"]})
    aws.iam.create_role(RoleName="x", AssumeRolePolicyDocument=trust)
    seen = aws.iam.get_role(RoleName="x")["Role"]["AssumeRolePolicyDocument"]["Statement"][0]
    assert (seen["Action"], seen["Principal"]) == ("sts:AssumeRole", {"Service": "a.amazonaws.com"})
