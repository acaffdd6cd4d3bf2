"""Values AWS refuses, and resources whose settings must come back as they were put."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.conftest import Account, allow, make_function, refusal

LOCATION = {"LocationConstraint": "eu-central-1"}


def test_reserved_concurrency_must_leave_100_executions(aws: Account, name: str) -> None:
    make_function(aws, name, "def handler(event, context): return 1")
    functions = aws.client("lambda")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=50)
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=900)
    put = functions.put_function_concurrency
    code, message = refusal(put, FunctionName=name, ReservedConcurrentExecutions=901)
    assert code == "InvalidParameterValueException"
    assert "UnreservedConcurrentExecution below its minimum value of [100]" in message
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 900
    functions.delete_function_concurrency(FunctionName=name)


def test_log_retention_takes_only_the_values_of_aws(aws: Account, name: str) -> None:
    logs = aws.client("logs")
    logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=name, retentionInDays=30)
    refused = {"logGroupName": name, "retentionInDays": 31}
    assert refusal(logs.put_retention_policy, **refused)[0] == "InvalidParameterException"
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 30


def test_a_parameter_is_not_overwritten_silently_nor_with_tags(aws: Account, name: str) -> None:
    ssm, parameter = aws.client("ssm"), {"Name": f"/{name}/a", "Value": "1", "Type": "String"}
    ssm.put_parameter(**parameter, Tags=[{"Key": "Project", "Value": "CCI-Lite"}])
    assert refusal(ssm.put_parameter, **parameter)[0] == "ParameterAlreadyExists"
    tagged = {**parameter, "Overwrite": True, "Tags": [{"Key": "Project", "Value": "CCI-Lite"}]}
    assert refusal(ssm.put_parameter, **tagged)[0] == "ValidationException"
    assert ssm.put_parameter(**parameter, Overwrite=True)["Version"] == 2
    assert refusal(ssm.put_parameter, Name=f"/{name}/b", Value="x" * 4097, Type="String")[0] == "ValidationException"


def test_parameters_are_authorised_by_their_path(role, aws: Account, name: str) -> None:
    for leaf in ("mine/a", "theirs/a"):
        aws.client("ssm").put_parameter(Name=f"/{name}/{leaf}", Value="1", Type="String")
    mine = f"arn:aws:ssm:eu-central-1:111122223333:parameter/{name}/mine"
    ssm = role(allow("ssm:GetParameter*", on=[mine, f"{mine}/*"])).client("ssm")
    ssm.get_parameter(Name=f"/{name}/mine/a")
    ssm.get_parameters_by_path(Path=f"/{name}/mine")
    ssm.get_parameters(Names=[f"/{name}/mine/a"])
    assert refusal(ssm.get_parameter, Name=f"/{name}/theirs/a")[0] == "AccessDeniedException"
    assert refusal(ssm.get_parameters_by_path, Path=f"/{name}")[0] == "AccessDeniedException"
    both = [f"/{name}/mine/a", f"/{name}/theirs/a"]
    assert refusal(ssm.get_parameters, Names=both)[0] == "AccessDeniedException"


def test_a_bucket_needs_its_location_outside_us_east_1(aws: Account, name: str) -> None:
    create = aws.client("s3").create_bucket
    assert refusal(create, Bucket=name)[0] == "IllegalLocationConstraintException"
    create(Bucket=name, CreateBucketConfiguration=LOCATION)
    again = {"Bucket": name, "CreateBucketConfiguration": LOCATION}
    assert refusal(create, **again)[0] == "BucketAlreadyOwnedByYou"


def test_the_account_regional_namespace_takes_only_names_of_this_account_and_region(aws: Account, name: str) -> None:
    create = aws.client("s3").create_bucket
    regional = {"BucketNamespace": "account-regional", "CreateBucketConfiguration": LOCATION}
    create(Bucket=f"{name}-111122223333-eu-central-1-an", **regional)
    for wrong in (f"{name}-111122223333-eu-west-1-an", f"{name}-999999999999-eu-central-1-an", name):
        assert refusal(create, Bucket=wrong, **regional)[0] == "InvalidBucketName"


def test_another_expected_owner_is_refused(aws: Account, bucket: str) -> None:
    s3 = aws.client("s3")
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner="111122223333")
    assert refusal(s3.head_bucket, Bucket=bucket, ExpectedBucketOwner="999999999999")[0] == "403"
    put = {"Bucket": bucket, "Key": "a", "Body": b"x", "ExpectedBucketOwner": "999999999999"}
    assert refusal(s3.put_object, **put)[0] == "AccessDenied"


def test_a_new_bucket_is_private_owned_and_encrypted(aws: Account, bucket: str) -> None:
    s3 = aws.client("s3")
    blocked = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    owned = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert owned == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    preset = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert preset["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_lifecycle_rules_come_back_as_they_were_put(aws: Account, bucket: str) -> None:
    expire, abort = {"Days": 1}, {"DaysAfterInitiation": 1}
    filters: list[dict[str, Any]] = [
        {"Prefix": ""},
        {"ObjectSizeGreaterThan": 0},
        {"And": {"Prefix": "t/calls/", "ObjectSizeGreaterThan": 0}},
    ]
    rules = [
        {
            "ID": str(index),
            "Status": "Enabled",
            "Filter": chosen,
            "Expiration": expire,
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": abort,
        }
        for index, chosen in enumerate(filters)
    ]
    s3 = aws.client("s3")
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules


def test_bucket_settings_come_back_as_they_were_put(aws: Account, bucket: str, key: str) -> None:
    s3 = aws.client("s3")
    tags = [{"Key": "Project", "Value": "CCI-Lite"}, {"Key": "cci-lite:created-by", "Value": "cci-lite"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    preset = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {
        "ApplyServerSideEncryptionByDefault": preset,
        "BucketKeyEnabled": True,
        "BlockedEncryptionTypes": {"EncryptionType": ["SSE-C"]},
    }
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"] == [rule]


def test_key_settings_come_back_as_they_were_put(aws: Account, name: str) -> None:
    kms = aws.client("kms")
    tags = [{"TagKey": "Project", "TagValue": "CCI-Lite"}]
    key = kms.create_key(Description="d", Tags=tags)["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    kms.enable_key_rotation(KeyId=key)
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "Enable IAM policies", **root}]}
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    assert kms.list_resource_tags(KeyId=key)["Tags"] == tags
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == policy
    assert kms.describe_key(KeyId=f"alias/{name}")["KeyMetadata"]["KeyId"] == key
    assert refusal(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key)[0] == "NotAuthorizedException"


@pytest.mark.parametrize("principal", [{"Service": "logs.amazonaws.com"}])
def test_a_key_policy_that_locks_its_caller_out_is_refused(aws: Account, key: str, principal: Any) -> None:
    kms = aws.client("kms")
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    before = kms.get_key_policy(KeyId=key)["Policy"]
    code, message = refusal(kms.put_key_policy, KeyId=key, Policy=policy)
    assert code == "MalformedPolicyDocumentException"
    assert message == "The new key policy will not allow you to update the key policy in the future."
    assert kms.get_key_policy(KeyId=key)["Policy"] == before
    keys = len(kms.list_keys()["Keys"])
    assert refusal(kms.create_key, Policy=policy)[0] == "MalformedPolicyDocumentException"
    assert len(kms.list_keys()["Keys"]) == keys


def test_a_function_whose_role_may_not_make_its_log_group_does_not_bring_it_back(aws: Account, name: str) -> None:
    make_function(aws, name, "def handler(event, context): print('hello')", allow("s3:ListBucket"))
    group = f"/aws/lambda/{name}"
    write = allow("logs:CreateLogStream", "logs:PutLogEvents", on=f"arn:aws:logs:*:*:log-group:{group}:*")
    document = json.dumps({"Version": "2012-10-17", "Statement": [write]})
    aws.client("iam").put_role_policy(RoleName=f"{name}-role", PolicyName="inline", PolicyDocument=document)
    logs, invoke = aws.client("logs"), aws.client("lambda").invoke
    invoke(FunctionName=name)
    assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    logs.create_log_group(logGroupName=group)
    invoke(FunctionName=name)
    assert any("hello" in e["message"] for e in logs.filter_log_events(logGroupName=group)["events"])


def test_code_that_cannot_be_imported_says_so_in_its_log(aws: Account, name: str) -> None:
    make_function(aws, name, "import no_such_module")
    failed = aws.client("lambda").invoke(FunctionName=name)
    assert failed["FunctionError"] == "Unhandled"
    events = aws.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
    assert any("no_such_module" in e["message"] for e in events)
