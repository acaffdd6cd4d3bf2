"""ETags: the MD5 of the content under SSE-S3 only; under a KMS key another one for each upload, the same everywhere."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import pytest

from tests.sandbox.conftest import Account, refusal, until

CONTENT = b"a call"
MD5 = f'"{hashlib.md5(CONTENT).hexdigest()}"'


@pytest.fixture
def encrypted(bucket: str, key: str) -> dict[str, str]:
    return {"Bucket": bucket, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


def told_of(s3: Any, bucket: str, key: str) -> set[str]:
    """Every answer that names the ETag of an object."""
    which = {"Bucket": bucket, "Key": key}
    (listed,) = s3.list_objects_v2(Bucket=bucket, Prefix=key)["Contents"]
    (also,) = s3.list_objects(Bucket=bucket, Prefix=key)["Contents"]
    newest = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"][0]
    attributes = s3.get_object_attributes(**which, ObjectAttributes=["ETag"])["ETag"]
    found = {each["ETag"] for each in (s3.head_object(**which), s3.get_object(**which), listed, also, newest)}
    return found | {f'"{attributes}"'}


def test_under_a_key_the_same_content_has_another_etag_each_time(aws: Account, encrypted: dict[str, str]) -> None:
    s3, bucket = aws.client("s3"), encrypted["Bucket"]
    etags = [s3.put_object(**encrypted, Key=name, Body=CONTENT)["ETag"] for name in ("a", "a", "b")]
    assert len({*etags, MD5}) == 4 and all(re.fullmatch(r'"[0-9a-f]{32}"', each) for each in etags)
    assert (told_of(s3, bucket, "a"), told_of(s3, bucket, "b")) == ({etags[1]}, {etags[2]})


def test_the_default_of_the_bucket_counts_as_well_and_sse_s3_keeps_the_md5(aws: Account, bucket: str, key: str) -> None:
    s3 = aws.client("s3")
    assert s3.put_object(Bucket=bucket, Key="plain", Body=CONTENT)["ETag"] == MD5
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [default]})
    given = s3.put_object(Bucket=bucket, Key="default", Body=CONTENT)["ETag"]
    assert given != MD5 and told_of(s3, bucket, "default") == {given}
    assert told_of(s3, bucket, "plain") == {MD5}


def test_versions_keep_theirs(aws: Account, encrypted: dict[str, str]) -> None:
    s3, bucket = aws.client("s3"), encrypted["Bucket"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    given = [s3.put_object(**encrypted, Key="a", Body=CONTENT) for _ in range(2)]
    listed = {each["VersionId"]: each["ETag"] for each in s3.list_object_versions(Bucket=bucket)["Versions"]}
    assert listed == {each["VersionId"]: each["ETag"] for each in given}


def test_a_copy_has_an_etag_of_its_own_by_its_own_encryption(aws: Account, encrypted: dict[str, str]) -> None:
    s3, bucket = aws.client("s3"), encrypted["Bucket"]
    first = s3.put_object(**encrypted, Key="a", Body=CONTENT)["ETag"]
    source = {"Bucket": bucket, "Key": "a"}
    copied = s3.copy_object(**encrypted, Key="b", CopySource=source)["CopyObjectResult"]["ETag"]
    assert copied not in (first, MD5) and told_of(s3, bucket, "b") == {copied}
    plain = s3.copy_object(Bucket=bucket, Key="c", CopySource=source, ServerSideEncryption="AES256")
    assert plain["CopyObjectResult"]["ETag"] == MD5 and told_of(s3, bucket, "c") == {MD5}


def test_an_upload_in_parts_has_one_that_counts_them_and_says_it_again(aws: Account, encrypted: dict[str, str]) -> None:
    s3, bucket = aws.client("s3"), encrypted["Bucket"]
    completed = [in_parts(s3, encrypted, name) for name in ("a", "b")]
    assert completed[0] != completed[1] and all(re.fullmatch(r'"[0-9a-f]{32}-1"', each) for each in completed)
    assert told_of(s3, bucket, "a") == {completed[0]}


def in_parts(s3: Any, encrypted: dict[str, str], key: str) -> str:
    upload = {"Bucket": encrypted["Bucket"], "Key": key}
    upload["UploadId"] = s3.create_multipart_upload(**encrypted, Key=key)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=CONTENT)["ETag"]}
    once, again = (s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})["ETag"] for _ in "12")
    assert once == again
    return str(once)


def test_conditions_hold_for_the_etag_that_was_told_and_for_no_md5(aws: Account, encrypted: dict[str, str]) -> None:
    s3, bucket = aws.client("s3"), encrypted["Bucket"]
    put = {**encrypted, "Key": "a", "Body": CONTENT}
    first = s3.put_object(**put)["ETag"]
    assert refusal(s3.put_object, **put, IfMatch=MD5)[0] == "PreconditionFailed"
    second = s3.put_object(**put, IfMatch=first)["ETag"]
    assert refusal(s3.put_object, **put, IfMatch=first)[0] == "PreconditionFailed"
    assert refusal(s3.get_object, Bucket=bucket, Key="a", IfMatch=first)[0] == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="a", IfMatch=second)["ETag"] == second


def test_the_event_tells_the_same(aws: Account, encrypted: dict[str, str], name: str) -> None:
    s3, sqs = aws.client("s3"), aws.client("sqs")
    arn = f"arn:aws:sqs:eu-central-1:111122223333:{name}"
    admitted = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**admitted, "Resource": arn}]})
    queue = sqs.create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"]
    rules = {"QueueConfigurations": [{"QueueArn": arn, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket=encrypted["Bucket"], NotificationConfiguration=rules)
    given = {"a": s3.put_object(**encrypted, Key="a", Body=CONTENT)["ETag"], "b": in_parts(s3, encrypted, "b")}
    source = {"Bucket": encrypted["Bucket"], "Key": "a"}
    given["c"] = s3.copy_object(**encrypted, Key="c", CopySource=source)["CopyObjectResult"]["ETag"]
    told: dict[str, str] = {}

    def all_of_them() -> bool:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            for record in json.loads(message["Body"]).get("Records", []):
                told[record["s3"]["object"]["key"]] = f'"{record["s3"]["object"]["eTag"]}"'
        return len(told) == 3

    until(all_of_them)
    assert told == given


def test_a_key_that_is_called_by_its_contents_md5_keeps_its_name(aws: Account, encrypted: dict[str, str]) -> None:
    s3, called = aws.client("s3"), MD5.strip('"')
    source = {"Bucket": encrypted["Bucket"], "Key": called}
    s3.put_object(**encrypted, Key=called, Body=CONTENT)
    s3.copy_object(**encrypted, Key=f"copy/{called}", CopySource=source)
    listed = s3.list_objects_v2(Bucket=encrypted["Bucket"])["Contents"]
    assert sorted(each["Key"] for each in listed) == sorted([called, f"copy/{called}"])
