"""Each rule of tests/aws_rules: what AWS refuses or shows, and moto does not."""

from __future__ import annotations

import io
import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.aws_rules import Rules, new_session, storage, strict
from tests.aws_rules.weather import Crash, Fault
from tests.engine.fakes import FakeClock

ACCOUNT = "123456789012"
BUCKET = "cci-lite-input-123456789012-eu-central-1"
ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
FUNCTION = f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f"


class Aws:
    """Clients under rules, and short ways to make things."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.made: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        config = Config(retries={"mode": "standard", "total_max_attempts": 4})
        name = {"lambda_": "lambda"}.get(service, service)
        if name not in self.made:
            self.made[name] = self.rules.session.client(name, region_name="eu-central-1", config=config)
        return self.made[name]

    def bucket(self, name: str = BUCKET) -> str:
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        return name

    def role(self, name: str = "r", service: str = "lambda.amazonaws.com") -> str:
        trust = policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
        return str(self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])

    def function(self, role: str) -> Any:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("a.py", "")
        code = {"ZipFile": packed.getvalue()}
        return self.lambda_.create_function(FunctionName="f", Runtime="python3.13", Role=role, Handler="a.b", Code=code)


def policy(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: str, action: str = "s3:GetObject", resource: str = f"arn:aws:s3:::{BUCKET}/*") -> dict[str, Any]:
    return {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": [principal]}, "Action": [action], "Resource": resource}


def refused(call: Callable[[], Any]) -> str:
    """The code of the refusal."""
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def aws() -> Iterator[Aws]:
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    os.environ.update(dict.fromkeys(keys, "testing"))
    with mock_aws():
        yield Aws(strict(new_session(), FakeClock(), pipeline=False))


def test_policies_may_not_name_a_principal_that_does_not_exist(aws: Aws) -> None:
    nobody = f"arn:aws:iam::{ACCOUNT}:role/nobody"
    bucket, key = aws.bucket(), aws.kms.create_key()["KeyMetadata"]["KeyId"]
    document = policy(ROOT, allow(nobody, "kms:Decrypt", "*"))
    trust = policy({"Effect": "Allow", "Principal": {"AWS": nobody}, "Action": "sts:AssumeRole"})
    aws.role()
    malformed = "MalformedPolicyDocumentException"
    assert refused(lambda: aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(nobody)))) == "MalformedPolicy"
    assert refused(lambda: aws.kms.create_key(Policy=document)) == malformed
    assert refused(lambda: aws.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)) == malformed
    create, update = aws.iam.create_role, aws.iam.update_assume_role_policy
    assert refused(lambda: create(RoleName="x", AssumeRolePolicyDocument=trust)) == "MalformedPolicyDocument"
    assert refused(lambda: update(RoleName="r", PolicyDocument=trust)) == "MalformedPolicyDocument"


def test_a_new_role_is_unknown_to_other_services_for_a_while(aws: Aws) -> None:
    aws.rules.role_lag_s = 10
    bucket, role = aws.bucket(), aws.role()
    assert refused(lambda: aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(role)))) == "MalformedPolicy"
    assert refused(lambda: aws.function(role)) == "InvalidParameterValueException"
    aws.rules.clock.sleep(10)
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(role)))
    aws.function(role)


def test_lambda_refuses_a_role_that_does_not_trust_it(aws: Aws) -> None:
    role = aws.role(service="glue.amazonaws.com")
    assert refused(lambda: aws.function(role)) == "InvalidParameterValueException"


def test_a_deleted_role_stays_as_its_id_and_the_policy_cannot_be_put_again(aws: Aws) -> None:
    bucket, role, key = aws.bucket(), aws.role(), aws.kms.create_key()["KeyMetadata"]["KeyId"]
    unique = aws.iam.get_role(RoleName="r")["Role"]["RoleId"]
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(role)))
    document = policy(ROOT, allow(role, "kms:Decrypt", "*"))
    aws.kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)
    aws.iam.delete_role(RoleName="r")
    aws.role()
    stored = aws.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    of_key = aws.kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    assert unique in stored and role not in stored
    assert unique in of_key and role not in of_key
    assert refused(lambda: aws.s3.put_bucket_policy(Bucket=bucket, Policy=stored)) == "MalformedPolicy"
    put = aws.kms.put_key_policy
    code = refused(lambda: put(KeyId=key, PolicyName="default", Policy=of_key))
    assert code == "MalformedPolicyDocumentException"


def test_policies_are_read_back_in_other_words(aws: Aws) -> None:
    bucket, role = aws.bucket(), aws.role()
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(allow(role)))
    statement = json.loads(aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"][0]
    assert (statement["Principal"], statement["Action"]) == ({"AWS": role}, "s3:GetObject")


def test_no_key_policy_locks_out_everybody(aws: Aws) -> None:
    code = refused(lambda: aws.kms.create_key(Policy=policy(allow(aws.role(), "kms:Decrypt", "*"))))
    assert code == "MalformedPolicyDocumentException"


def test_deny_statements_are_evaluated_with_their_conditions(aws: Aws) -> None:
    bucket, key = aws.bucket(), aws.kms.create_key()["KeyMetadata"]["Arn"]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    names = ("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id")
    blocks = [{"StringNotEquals": {names[0]: "aws:kms"}}, {"StringNotEquals": {names[1]: key}}]
    tls = {**deny, "Action": "s3:*", "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]}
    tls["Condition"] = {"Bool": {"aws:SecureTransport": "false"}}
    statements = [{**deny, "Condition": each} for each in blocks]
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=policy(tls, *statements))
    put = aws.s3.put_object
    assert refused(lambda: put(Bucket=bucket, Key="a", Body=b"")) == "AccessDenied"
    assert refused(lambda: put(Bucket=bucket, Key="a", Body=b"", ServerSideEncryption="AES256")) == "AccessDenied"
    assert refused(lambda: put(Bucket=bucket, Key="a", Body=b"", ServerSideEncryption="aws:kms")) == "AccessDenied"
    put(Bucket=bucket, Key="a", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert aws.s3.head_object(Bucket=bucket, Key="a")["SSEKMSKeyId"] == key
    with pytest.raises(ClientError, match="AccessDenied"):
        storage.plain_list(aws.rules, bucket)


def test_an_upload_is_encrypted_by_the_buckets_default_or_by_the_key_of_s3(aws: Aws) -> None:
    bucket, key = aws.bucket(), aws.kms.create_key()["KeyMetadata"]["Arn"]
    aws.s3.put_object(Bucket=bucket, Key="plain", Body=b"")
    assert aws.s3.head_object(Bucket=bucket, Key="plain")["ServerSideEncryption"] == "AES256"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    rules = {"Rules": [{**rule, "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]}}]}
    aws.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    assert aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"] == rules
    aws.s3.put_object(Bucket=bucket, Key="default", Body=b"")
    assert aws.s3.head_object(Bucket=bucket, Key="default")["SSEKMSKeyId"] == key
    aws.s3.put_object(Bucket=bucket, Key="bare", Body=b"", ServerSideEncryption="aws:kms")
    assert aws.s3.head_object(Bucket=bucket, Key="bare")["SSEKMSKeyId"] != key


def test_the_same_content_has_another_etag_each_time_it_is_put_under_a_key(aws: Aws) -> None:
    bucket, key = aws.bucket(), aws.kms.create_key()["KeyMetadata"]["Arn"]
    wish = {"Bucket": bucket, "Key": "a", "Body": b"", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    first, second = (aws.s3.put_object(**wish)["ETag"] for _ in range(2))
    assert first != second == aws.s3.head_object(Bucket=bucket, Key="a")["ETag"]
    assert [each["ETag"] for each in aws.s3.list_objects_v2(Bucket=bucket)["Contents"]] == [second]
    plain = [aws.s3.put_object(Bucket=bucket, Key=name, Body=b"")["ETag"] for name in ("b", "c")]
    assert plain[0] == plain[1] not in (first, second)


def test_keys_of_uploaders_are_refused_until_the_default_encryption_admits_them(aws: Aws) -> None:
    bucket = aws.bucket()
    wish = {"Bucket": bucket, "Key": "a", "Body": b"", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    assert refused(lambda: aws.s3.put_object(**wish)) == "AccessDenied"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    aws.s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    told = aws.s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert told["BlockedEncryptionTypes"] == {"EncryptionType": ["NONE"]}
    aws.s3.put_object(**wish)


def test_an_upload_under_a_missing_or_dying_key_is_refused(aws: Aws) -> None:
    bucket, key = aws.bucket(), aws.kms.create_key()["KeyMetadata"]["Arn"]
    wish = {"Bucket": bucket, "Key": "a", "Body": b"", "ServerSideEncryption": "aws:kms"}
    assert refused(lambda: aws.s3.put_object(**wish, SSEKMSKeyId=key[:-4] + "0000")) == "KMS.NotFoundException"
    aws.kms.schedule_key_deletion(KeyId=key.split("/")[1], PendingWindowInDays=7)
    assert refused(lambda: aws.s3.put_object(**wish, SSEKMSKeyId=key)) == "KMS.KMSInvalidStateException"


def test_a_new_bucket_has_aws_defaults_and_keeps_its_tags(aws: Aws) -> None:
    place = {"LocationConstraint": "eu-central-1", "Tags": [{"Key": "a", "Value": "b"}]}
    aws.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    assert aws.s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"] == place["Tags"]
    block = aws.s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert all(block.values())
    default = aws.s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert default["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


def test_buckets_are_made_in_their_region_and_belong_to_somebody(aws: Aws) -> None:
    code = refused(lambda: aws.s3.create_bucket(Bucket=BUCKET))
    assert code == "IllegalLocationConstraintException"
    aws.rules.taken.add("theirs")
    assert refused(lambda: aws.bucket("theirs")) == "BucketAlreadyExists"
    assert refused(lambda: aws.s3.head_bucket(Bucket="theirs")) == "403"
    bucket = aws.bucket()
    assert refused(lambda: aws.s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="111122223333")) == "403"


def test_lifecycle_rules_keep_their_size_filter(aws: Aws) -> None:
    bucket = aws.bucket()
    rule = {"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}}
    rule |= {"Filter": {"And": {"Prefix": "t/", "ObjectSizeGreaterThan": 0}}}
    aws.s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    assert aws.s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == [rule]


def test_two_changes_of_one_bucket_at_a_time_are_a_conflict(aws: Aws) -> None:
    bucket = aws.bucket()
    assert storage.enter(aws.rules, "s3", "PutBucketPolicy", {"Bucket": bucket}, False) is True
    answers: list[str] = []
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    other = threading.Thread(
        target=lambda: answers.append(refused(lambda: aws.s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)))
    )
    other.start()
    other.join()
    storage.leave(aws.rules, {"Bucket": bucket})
    assert (answers, aws.rules.conflicts) == (["OperationAborted"], [f"PutBucketTagging {bucket}"])
    aws.s3.put_bucket_tagging(Bucket=bucket, Tagging=tags)


def notify(aws: Aws, *wishes: tuple[str, str, str]) -> Any:
    """PUT notifications of (prefix, suffix, event) to the function."""
    configurations = [
        {
            "LambdaFunctionArn": FUNCTION,
            "Events": [event],
            "Filter": {"Key": {"FilterRules": [{"Name": n, "Value": v} for n, v in names.items() if v]}},
        }
        for names, event in (({"prefix": prefix, "suffix": suffix}, event) for prefix, suffix, event in wishes)
    ]
    whole = {"LambdaFunctionConfigurations": configurations}
    return aws.s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=whole)


def test_notifications_need_targets_that_let_the_bucket_in(aws: Aws) -> None:
    aws.bucket()
    one = ("t/calls/", "", "s3:ObjectCreated:*")
    assert refused(lambda: notify(aws, one)) == "InvalidArgument"
    aws.function(aws.role())
    assert refused(lambda: notify(aws, one)) == "InvalidArgument"
    permission = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    aws.lambda_.add_permission(**permission, StatementId="o", SourceArn="arn:aws:s3:::other", SourceAccount=ACCOUNT)
    assert refused(lambda: notify(aws, one)) == "InvalidArgument"
    aws.lambda_.add_permission(**permission, StatementId="s", SourceArn=f"arn:aws:s3:::{BUCKET}", SourceAccount=ACCOUNT)
    notify(aws, one)
    queue = {"QueueArn": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q", "Events": ["s3:ObjectRemoved:*"]}
    put = aws.s3.put_bucket_notification_configuration
    wish = {"QueueConfigurations": [queue]}
    assert refused(lambda: put(Bucket=BUCKET, NotificationConfiguration=wish)) == "InvalidArgument"
    aws.sqs.create_queue(QueueName="q")
    assert refused(lambda: put(Bucket=BUCKET, NotificationConfiguration=wish)) == "InvalidArgument"


def test_notifications_may_not_overlap(aws: Aws) -> None:
    aws.bucket()
    aws.function(aws.role())
    permission = {"FunctionName": "f", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    aws.lambda_.add_permission(**permission, StatementId="s", SourceArn=f"arn:aws:s3:::{BUCKET}")
    put = ("t/", "", "s3:ObjectCreated:Put")
    assert refused(lambda: notify(aws, put, ("t/calls/", "", "s3:ObjectCreated:*"))) == "InvalidArgument"
    notify(aws, put, ("t/calls/", "", "s3:ObjectRemoved:*"), ("u/", "", "s3:ObjectCreated:*"))
    notify(aws, ("t/", ".wav", "s3:ObjectCreated:*"), ("t/", ".mp3", "s3:ObjectCreated:*"))


def test_parameters(aws: Aws) -> None:
    wish = {"Name": "/cci-lite/x", "Value": "v", "Type": "String"}
    aws.ssm.put_parameter(**wish)
    assert refused(lambda: aws.ssm.put_parameter(**wish)) == "ParameterAlreadyExists"
    tags = [{"Key": "a", "Value": "b"}]
    assert refused(lambda: aws.ssm.put_parameter(**wish, Overwrite=True, Tags=tags)) == "ValidationException"
    wish |= {"Name": "/cci-lite/y", "Value": "v" * 4097}
    assert refused(lambda: aws.ssm.put_parameter(**wish)) == "ValidationException"


def test_logs_are_kept_for_a_number_of_days_from_the_list(aws: Aws) -> None:
    aws.logs.create_log_group(logGroupName="/g")
    aws.logs.put_retention_policy(logGroupName="/g", retentionInDays=30)
    put = aws.logs.put_retention_policy
    assert refused(lambda: put(logGroupName="/g", retentionInDays=31)) == "InvalidParameterException"


@pytest.mark.parametrize("limit", [1000, 10])
def test_reserved_concurrency_leaves_the_account_its_floor(aws: Aws, limit: int) -> None:
    aws.rules.concurrency = limit
    aws.function(aws.role())
    put = aws.lambda_.put_function_concurrency
    wish = limit - 100 if limit > 100 else 0
    put(FunctionName="f", ReservedConcurrentExecutions=wish)
    code = refused(lambda: put(FunctionName="f", ReservedConcurrentExecutions=wish + 1))
    assert code == "InvalidParameterValueException"
    left = aws.lambda_.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    assert left == limit - wish


def test_an_alarm_has_one_statistic(aws: Aws) -> None:
    alarm = {"AlarmName": "a", "Namespace": "AWS/Lambda", "MetricName": "Errors", "Period": 300, "Threshold": 1}
    alarm |= {"EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    both = {"Statistic": "Sum", "ExtendedStatistic": "p95"}
    assert refused(lambda: aws.cloudwatch.put_metric_alarm(**alarm, **both)) == "ValidationError"
    aws.cloudwatch.put_metric_alarm(**alarm, Statistic="Sum")


def test_asynchronous_settings_are_overwritten_as_a_whole(aws: Aws) -> None:
    aws.function(aws.role())
    put = aws.lambda_.put_function_event_invoke_config
    put(FunctionName="f", MaximumRetryAttempts=1, MaximumEventAgeInSeconds=3600)
    put(FunctionName="f", MaximumRetryAttempts=2)
    have = aws.lambda_.get_function_event_invoke_config(FunctionName="f")
    assert have["MaximumRetryAttempts"] == 2
    assert "MaximumEventAgeInSeconds" not in have


def test_a_failure_destination_needs_the_roles_right_to_send(aws: Aws) -> None:
    aws.function(aws.role())
    aws.sqs.create_queue(QueueName="q")
    queue = f"arn:aws:sqs:eu-central-1:{ACCOUNT}:q"
    wish = {"FunctionName": "f", "DestinationConfig": {"OnFailure": {"Destination": queue}}}
    put = aws.lambda_.put_function_event_invoke_config
    assert refused(lambda: put(**wish)) == "InvalidParameterValueException"
    right = policy({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue})
    aws.iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=right)
    put(**wish)


def test_statement_ids_of_a_function_are_unique(aws: Aws) -> None:
    aws.function(aws.role())
    wish = {"FunctionName": "f", "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}
    aws.lambda_.add_permission(**wish)
    assert refused(lambda: aws.lambda_.add_permission(**wish)) == "ResourceConflictException"


def test_a_function_is_pending_then_active_and_busy_after_an_update(aws: Aws) -> None:
    aws.rules.pending_reads = 2
    role = aws.role()
    assert aws.function(role)["State"] == "Pending"
    update, get = aws.lambda_.update_function_configuration, aws.lambda_.get_function_configuration
    assert refused(lambda: update(FunctionName="f", Timeout=9)) == "ResourceConflictException"
    assert [get(FunctionName="f")["State"] for _ in range(2)] == ["Pending", "Active"]
    assert update(FunctionName="f", Timeout=9)["LastUpdateStatus"] == "InProgress"
    assert refused(lambda: update(FunctionName="f", Timeout=8)) == "ResourceConflictException"
    assert [get(FunctionName="f")["LastUpdateStatus"] for _ in range(2)] == ["InProgress", "Successful"]


def test_a_dry_run_is_answered_without_a_container(aws: Aws) -> None:
    aws.function(aws.role())
    assert aws.lambda_.invoke(FunctionName="f", InvocationType="DryRun")["StatusCode"] == 204


def test_what_was_just_made_is_absent_for_some_reads(aws: Aws) -> None:
    aws.rules.hidden_reads = 2
    aws.role()
    for _ in range(2):
        assert refused(lambda: aws.iam.get_role(RoleName="r")) == "NoSuchEntity"
    aws.iam.get_role(RoleName="r")


@pytest.mark.parametrize("service", ["s3", "iam", "ssm", "cloudwatch", "lambda", "sqs", "sns"])
def test_throttling_is_told_in_the_services_own_format(aws: Aws, service: str) -> None:
    calls = {"s3": "list_buckets", "iam": "list_roles", "ssm": "describe_parameters", "cloudwatch": "describe_alarms"}
    calls |= {"lambda": "list_functions", "sqs": "list_queues", "sns": "list_topics"}
    aws.rules.throttled = 1.0
    client = aws.rules.session.client(service, region_name="eu-central-1")
    slow = "SlowDown" if service == "s3" else "ThrottlingException"
    assert refused(getattr(client, calls[service])) == slow


def test_the_transport_retries_on_the_rules_clock(aws: Aws) -> None:
    aws.rules.weather.faults.append(Fault("iam", "ListRoles", "ThrottlingException", 400, times=3))
    assert aws.iam.list_roles()["Roles"] == []


def test_a_lost_answer_leaves_the_work_done(aws: Aws) -> None:
    aws.rules.weather.faults.append(Fault("iam", "CreateRole", times=1, lost=True))
    assert refused(aws.role) == "EntityAlreadyExists"
    assert aws.iam.get_role(RoleName="r")["Role"]["RoleName"] == "r"


@pytest.mark.parametrize(("when", "there"), [("before", 0), ("after", 1)])
def test_a_crash_before_or_after_a_write(aws: Aws, when: str, there: int) -> None:
    aws.rules.weather.crash(1, when)
    with pytest.raises(Crash):
        aws.role()
    assert len(aws.iam.list_roles()["Roles"]) == there


def test_an_address_is_pending_until_its_owner_confirms(aws: Aws) -> None:
    topic = aws.sns.create_topic(Name="t")["TopicArn"]
    wish = {"TopicArn": topic, "Protocol": "email", "Endpoint": "a@example.com"}
    assert aws.sns.subscribe(**wish)["SubscriptionArn"] == "pending confirmation"
    arns = lambda: [each["SubscriptionArn"] for each in aws.sns.list_subscriptions()["Subscriptions"]]  # noqa: E731
    assert arns() == ["PendingConfirmation"]
    aws.rules.confirm("a@example.com")
    have = aws.sns.get_subscription_attributes(SubscriptionArn=arns()[0])["Attributes"]
    assert have["PendingConfirmation"] == "false"


def test_a_topic_is_not_made_again_with_other_tags(aws: Aws) -> None:
    tags = [{"Key": "a", "Value": "b"}]
    aws.sns.create_topic(Name="t", Tags=tags)
    aws.sns.create_topic(Name="t", Tags=tags)
    code = refused(lambda: aws.sns.create_topic(Name="t", Tags=[{"Key": "a", "Value": "c"}]))
    assert code == "InvalidParameter"


def test_bedrocks_control_plane_answers_from_a_catalogue(aws: Aws) -> None:
    profile = aws.bedrock.get_inference_profile(inferenceProfileIdentifier="eu.anthropic.claude-haiku-5-5")
    regions = {each["modelArn"].split(":")[3] for each in profile["models"]}
    assert regions == {"eu-central-1", "eu-west-1", "eu-west-3", "eu-north-1"}
    model = profile["models"][0]["modelArn"].split("/")[1]
    details = aws.bedrock.get_foundation_model(modelIdentifier=model)["modelDetails"]
    assert details["modelLifecycle"]["status"] == "ACTIVE"
    assert aws.bedrock.get_foundation_model_availability(modelId=model)["authorizationStatus"] == "AUTHORIZED"
    code = refused(lambda: aws.bedrock.get_inference_profile(inferenceProfileIdentifier="eu.none"))
    assert code == "ResourceNotFoundException"


def test_the_caller_is_a_user_and_calls_are_recorded(aws: Aws) -> None:
    assert aws.sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/operator"
    aws.role()
    assert [each.name for each in aws.rules.calls] == ["sts:GetCallerIdentity", "iam:CreateRole"]
    assert aws.rules.writes() == ["iam:CreateRole"]
