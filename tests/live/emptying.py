"""The two kinds that hold data: buckets with all their versions, and keys. Knows boto3's clients."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from tests.live.tags import Tags, pairs, readable

Client = Callable[[str], Any]
# S3 deletes that many objects in one request; KMS keeps a key at least that long.
_AT_ONCE, _WINDOW_DAYS = 1000, 7


def buckets(client: Client) -> Iterator[tuple[str, Tags]]:
    """The region's buckets: one in another region answers with a redirect."""
    s3 = client("s3")
    for each in s3.list_buckets(BucketRegion=s3.meta.region_name)["Buckets"]:
        yield each["Name"], readable(lambda name=each["Name"]: _bucket_tags(s3, name))


def remove_bucket(client: Client, name: str) -> None:
    """The bucket and all that is in it: versions, delete markers, uploads that were never finished."""
    s3 = client("s3")
    for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=name):
        for each in page.get("Uploads", []):
            s3.abort_multipart_upload(Bucket=name, Key=each["Key"], UploadId=each["UploadId"])
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=name):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        _delete(s3, name, [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found])
    s3.delete_bucket(Bucket=name)


def keys(client: Client) -> Iterator[tuple[str, Tags]]:
    """Keys with tags: one that has none is nobody's of ours."""
    kms = client("kms")
    listed = (each["KeyId"] for page in kms.get_paginator("list_keys").paginate() for each in page["Keys"])
    for key in listed:
        if tags := readable(lambda key=key: _key_tags(kms, key)):
            yield key, tags


def remove_key(client: Client, key: str) -> None:
    """Its aliases go at once; the key is scheduled for deletion, which is all that KMS offers."""
    kms = client("kms")
    for each in kms.list_aliases(KeyId=key)["Aliases"]:
        kms.delete_alias(AliasName=each["AliasName"])
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=_WINDOW_DAYS)


def _key_tags(kms: Any, key: str) -> Tags:
    """{} for AWS's own keys and for those that wait for their deletion: neither can be removed."""
    state = kms.describe_key(KeyId=key)["KeyMetadata"]
    if state["KeyManager"] != "CUSTOMER" or state["KeyState"] == "PendingDeletion":
        return {}
    return pairs(kms.list_resource_tags(KeyId=key)["Tags"], "TagKey", "TagValue")


def _bucket_tags(s3: Any, name: str) -> Tags:
    try:
        found = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        return {}
    return pairs(found)


def _delete(s3: Any, bucket: str, found: list[dict[str, str]]) -> None:
    for start in range(0, len(found), _AT_ONCE):
        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": found[start : start + _AT_ONCE], "Quiet": True})
        if answer.get("Errors"):
            raise RuntimeError(f"s3://{bucket} keeps {answer['Errors'][0]['Key']}: {answer['Errors'][0]['Message']}")
