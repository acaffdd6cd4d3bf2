"""SSE-KMS as S3 decides it: the key in the policy, usable keys, and the caller's right to them."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.sandbox.conftest import Account, allow, refusal


def strict(bucket: str, key: str) -> str:
    """aws-facts §1.6."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    sse, kid = "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Sid": "DenyNotSseKms", **deny, "Condition": {"StringNotEquals": {sse: "aws:kms"}}},
                {"Sid": "DenyWrongKmsKey", **deny, "Condition": {"StringNotEquals": {kid: key}}},
            ],
        }
    )


def default_encryption(key: str | None) -> dict[str, Any]:
    preset = {"SSEAlgorithm": "aws:kms", **({"KMSMasterKeyID": key} if key else {})}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": preset, "BucketKeyEnabled": True}]}


@pytest.fixture
def strict_bucket(aws: Account, bucket: str, key: str) -> str:
    aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=strict(bucket, key))
    return bucket


def test_a_policy_that_demands_one_key_admits_that_key_only(aws: Account, strict_bucket: str, key: str) -> None:
    s3 = aws.client("s3")
    other = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    put = {"Bucket": strict_bucket, "Key": "a", "Body": b"x"}
    s3.put_object(**put, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    for denied in (
        {},
        {"ServerSideEncryption": "AES256"},
        {"ServerSideEncryption": "aws:kms"},
        {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": other},
    ):
        assert refusal(s3.put_object, **put, **denied)[0] == "AccessDenied"


def test_copies_multipart_uploads_and_presigned_puts_obey_the_same_policy(
    aws: Account, strict_bucket: str, key: str
) -> None:
    s3 = aws.client("s3")
    right = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    s3.put_object(Bucket=strict_bucket, Key="a", Body=b"x", **right)
    copy = {"Bucket": strict_bucket, "Key": "b", "CopySource": {"Bucket": strict_bucket, "Key": "a"}}
    assert refusal(s3.copy_object, **copy)[0] == "AccessDenied"
    s3.copy_object(**copy, **right)
    assert refusal(s3.create_multipart_upload, Bucket=strict_bucket, Key="m")[0] == "AccessDenied"
    upload = s3.create_multipart_upload(Bucket=strict_bucket, Key="m", **right)["UploadId"]
    part = s3.upload_part(Bucket=strict_bucket, Key="m", UploadId=upload, PartNumber=1, Body=b"p" * 10)
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(Bucket=strict_bucket, Key="m", UploadId=upload, MultipartUpload=parts)
    assert s3.head_object(Bucket=strict_bucket, Key="m")["SSEKMSKeyId"] == key
    params = {"Bucket": strict_bucket, "Key": "p"}
    assert put_presigned(aws, s3.generate_presigned_url("put_object", Params=params), {}) == 403
    signed = s3.generate_presigned_url("put_object", Params={**params, **right})
    sent = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key}
    assert put_presigned(aws, signed, sent) == 200


def put_presigned(aws: Account, url: str, headers: dict[str, str]) -> int:
    import ssl

    request = urllib.request.Request(url, data=b"x", method="PUT", headers=headers)
    context = ssl.create_default_context(cafile=str(aws.sandbox.ca_bundle))
    try:
        with urllib.request.urlopen(request, context=context) as reply:
            return int(reply.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_kms_without_a_key_means_the_key_aws_s3(aws: Account, bucket: str) -> None:
    s3, kms = aws.client("s3"), aws.client("kms")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms")
    managed = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert s3.head_object(Bucket=bucket, Key="a")["SSEKMSKeyId"] == managed["Arn"]
    assert managed["KeyManager"] == "AWS"


def test_a_put_without_headers_is_stored_under_the_buckets_default(aws: Account, bucket: str, key: str) -> None:
    s3 = aws.client("s3")
    s3.put_object(Bucket=bucket, Key="plain", Body=b"x")
    assert s3.head_object(Bucket=bucket, Key="plain")["ServerSideEncryption"] == "AES256"
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default_encryption(key))
    assert s3.put_object(Bucket=bucket, Key="a", Body=b"x")["SSEKMSKeyId"] == key
    shown = s3.head_object(Bucket=bucket, Key="a")
    assert (shown["ServerSideEncryption"], shown["SSEKMSKeyId"], shown["BucketKeyEnabled"]) == ("aws:kms", key, True)
    assert s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"x"


def test_an_alias_in_the_buckets_default_is_resolved_to_the_keys_arn(
    aws: Account, bucket: str, key: str, name: str
) -> None:
    aws.client("kms").create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    s3 = aws.client("s3")
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default_encryption(f"alias/{name}"))
    s3.put_object(Bucket=bucket, Key="a", Body=b"x")
    assert s3.head_object(Bucket=bucket, Key="a")["SSEKMSKeyId"] == key


def test_a_key_that_is_missing_disabled_or_dying_cannot_be_written_with(aws: Account, bucket: str, key: str) -> None:
    s3, kms = aws.client("s3"), aws.client("kms")
    put = {"Bucket": bucket, "Key": "a", "Body": b"x", "ServerSideEncryption": "aws:kms"}
    missing = key.rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000"
    assert refusal(s3.put_object, **put, SSEKMSKeyId=missing)[0] == "KMS.NotFoundException"
    kms.disable_key(KeyId=key)
    assert refusal(s3.put_object, **put, SSEKMSKeyId=key)[0] == "KMS.DisabledException"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(s3.put_object, **put, SSEKMSKeyId=key)[0] == "KMS.KMSInvalidStateException"


def test_an_object_under_a_disabled_key_cannot_be_read(aws: Account, bucket: str, key: str) -> None:
    s3, kms = aws.client("s3"), aws.client("kms")
    s3.put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    kms.disable_key(KeyId=key)
    assert refusal(s3.get_object, Bucket=bucket, Key="a")[0] == "KMS.DisabledException"


def test_writing_needs_generate_data_key_and_reading_needs_decrypt(role, aws: Account, bucket: str, key: str) -> None:
    aws.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    put = {"Bucket": bucket, "Key": "b", "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    session = role(allow("s3:*"))
    assert refusal(session.client("s3").put_object, **put)[0] == "AccessDenied"
    assert "kms:GenerateDataKey" in refusal(session.client("s3").put_object, **put)[1]
    assert refusal(session.client("s3").get_object, Bucket=bucket, Key="a")[0] == "AccessDenied"


def test_an_iam_policy_suffices_when_the_key_policy_delegates_to_the_account(role, bucket: str, key: str) -> None:
    session = role(allow("s3:*"), allow("kms:GenerateDataKey", "kms:Decrypt", on=key))
    s3 = session.client("s3")
    s3.put_object(Bucket=bucket, Key="b", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    assert s3.get_object(Bucket=bucket, Key="b")["Body"].read() == b"x"


def test_a_key_policy_that_names_the_role_suffices_and_one_that_names_nobody_refuses(
    role, aws: Account, bucket: str, key: str, name: str
) -> None:
    session = role(allow("s3:*"))
    put = {"Bucket": bucket, "Key": "b", "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    account = aws.sandbox.account
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    user = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:role/{name}-role"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
    }
    kms = aws.client("kms")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root, user]})
    put_when_visible(kms, key, policy)
    session.client("s3").put_object(**put)
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": [root]}))
    assert refusal(session.client("s3").put_object, **put)[0] == "AccessDenied"


def put_when_visible(kms: Any, key: str, policy: str) -> None:
    from tests.sandbox.conftest import until

    def done() -> bool:
        try:
            kms.put_key_policy(KeyId=key, Policy=policy)
        except kms.exceptions.MalformedPolicyDocumentException:
            return False
        return True

    until(done)


def test_objects_under_a_kms_key_are_written_and_read_over_tls_only(aws: Account, bucket: str, key: str) -> None:
    secure, plain = aws.client("s3"), aws.client("s3", tls=False)
    put = {"Bucket": bucket, "Key": "a", "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    secure.put_object(**put)
    assert refusal(plain.put_object, **put)[0] == "InvalidArgument"
    assert refusal(plain.get_object, Bucket=bucket, Key="a")[0] == "InvalidArgument"
    plain.put_object(Bucket=bucket, Key="b", Body=b"x")


def test_a_copy_reads_its_source_with_the_callers_right_to_the_key(role, aws: Account, bucket: str, key: str) -> None:
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    aws.client("s3").put_object(Bucket=bucket, Key="a", Body=b"x", **encrypted)
    copy = {"Bucket": bucket, "Key": "b", "CopySource": {"Bucket": bucket, "Key": "a"}}
    code, message = refusal(role(allow("s3:*")).client("s3").copy_object, **copy)
    assert code == "AccessDenied"
    assert "kms:Decrypt" in message
    aws.client("s3").copy_object(**copy)


def test_parts_of_an_upload_need_the_uploads_key(role, aws: Account, bucket: str, key: str) -> None:
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    upload = aws.client("s3").create_multipart_upload(Bucket=bucket, Key="m", **encrypted)["UploadId"]
    part = {"Bucket": bucket, "Key": "m", "UploadId": upload, "PartNumber": 1, "Body": b"p"}
    assert "kms:GenerateDataKey" in refusal(role(allow("s3:*")).client("s3").upload_part, **part)[1]


def test_two_layers_of_encryption_are_refused_for_objects_and_as_a_default(aws: Account, bucket: str, key: str) -> None:
    s3 = aws.client("s3")
    put = {"Bucket": bucket, "Key": "a", "Body": b"x", "ServerSideEncryption": "aws:kms:dsse", "SSEKMSKeyId": key}
    assert refusal(s3.put_object, **put)[0] == "InvalidArgument"
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse", "KMSMasterKeyID": key}}
    default = {"Bucket": bucket, "ServerSideEncryptionConfiguration": {"Rules": [rule]}}
    assert refusal(s3.put_bucket_encryption, **default)[0] == "InvalidArgument"


def test_keys_of_uploaders_are_refused_until_the_default_encryption_admits_them(aws: Account, bucket: str) -> None:
    """S3 guide, "Blocking or unblocking SSE-C": new buckets block it; a default that does not say so lifts that."""
    s3 = aws.client("s3")
    wish = {"Bucket": bucket, "Key": "a", "Body": b"x", "SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    assert blocked(aws, bucket) == ["SSE-C"]
    assert refusal(s3.put_object, **wish)[0] == "AccessDenied"
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=default_encryption(None))
    assert blocked(aws, bucket) == ["NONE"]
    s3.put_object(**wish)


def blocked(aws: Account, bucket: str) -> list[str]:
    found = aws.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    return list(found[0]["BlockedEncryptionTypes"]["EncryptionType"])
