"""S3 as AWS shows it: defaults, keys, owners, and what moto drops on the way. Source: aws-facts 1.9, 2, 15."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket, FakeKey

from tests.aws_rules.answers import Answer, answer, refusal

if TYPE_CHECKING:
    from tests.aws_rules import Rules

_BLOCKED = "BlockedEncryptionTypes"
_AES256 = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
            _BLOCKED: {"EncryptionType": ["SSE-C"]},  # of every new bucket since April 2026
        }
    ]
}
_CLOSED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_ENCRYPTION = "ServerSideEncryptionConfiguration"
_WRITING = ("PutObject", "CopyObject", "CreateMultipartUpload")
_md5 = FakeKey.etag


def no_second_opinion() -> None:
    """moto judges bucket policies without their conditions; `storage.bucket_policy_decides` judges them whole."""
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL  # type: ignore[method-assign]


def etags_say_nothing() -> None:
    """Under a KMS key an ETag is not the content's MD5, and differs from upload to upload."""

    def etag(stored: FakeKey) -> str:
        if stored._etag is None and stored.encryption == "aws:kms":
            stored._etag = secrets.token_hex(16)
        return str(_md5.fget(stored))  # type: ignore[attr-defined]

    FakeKey.etag = property(etag)  # type: ignore[assignment,method-assign]


def owner_is_checked(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """A bucket of somebody else (`Rules.taken`), or an owner that is not the expected one."""
    if service != "s3" or "Bucket" not in params:
        return None
    if params["Bucket"] in rules.taken:
        if operation == "CreateBucket":
            return refusal("BucketAlreadyExists", "The requested bucket name is not available.", 409)
        return refusal("403" if operation.startswith("Head") else "AccessDenied", "Access Denied", 403)
    if params.get("ExpectedBucketOwner", rules.account) != rules.account:
        return refusal("403" if operation.startswith("Head") else "AccessDenied", "Access Denied", 403)
    return None


def encryption_is_never_absent(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> Answer | None:
    """Since 2023 every bucket has a default of AES256, also when nobody set one."""
    if (service, operation) != ("s3", "GetBucketEncryption"):
        return None
    s3 = rules.look("s3")
    try:
        s3.get_bucket_encryption(Bucket=params["Bucket"])
    except s3.exceptions.ClientError as error:
        if error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError":
            return answer(ServerSideEncryptionConfiguration=copy.deepcopy(_AES256))
    return None


def keys_of_uploaders_are_blocked(
    rules: Rules, service: str, operation: str, params: Mapping[str, Any]
) -> Answer | None:
    """SSE-C where the bucket's default encryption does not admit it."""
    if service != "s3" or "SSECustomerAlgorithm" not in params or operation not in _WRITING:
        return None
    found = rules.documents.get((str(params["Bucket"]), _ENCRYPTION), _AES256)
    blocked = found["Rules"][0][_BLOCKED]["EncryptionType"]
    return refusal("AccessDenied", "Access Denied", 403) if "SSE-C" in blocked else None


def show(rules: Rules, service: str, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    if service != "s3":
        return
    bucket = str(params.get("Bucket", ""))
    if operation == "CreateBucket":
        closed = dict.fromkeys(_CLOSED, True)
        rules.look("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=closed)
    if operation == "PutBucketEncryption":  # moto drops BlockedEncryptionTypes; left out it is NONE
        kept = rules.documents[bucket, _ENCRYPTION] = copy.deepcopy(params[_ENCRYPTION])
        kept["Rules"][0].setdefault(_BLOCKED, {"EncryptionType": ["NONE"]})
    if operation in ("DeleteBucketEncryption", "DeleteBucket"):
        rules.documents.pop((bucket, _ENCRYPTION), None)
    if operation == "GetBucketEncryption" and (bucket, _ENCRYPTION) in rules.documents:
        parsed[_ENCRYPTION] = copy.deepcopy(rules.documents[bucket, _ENCRYPTION])
    if operation in ("PutObject", "HeadObject", "GetObject"):
        _encryption(rules, operation, params, parsed)


def _encryption(rules: Rules, operation: str, params: Mapping[str, Any], parsed: dict[str, Any]) -> None:
    """`aws:kms` without a key id means the account's aws/s3 key, whatever the bucket's default is."""
    which = (str(params["Bucket"]), str(params["Key"]))
    if operation == "PutObject":
        rules.managed.discard(which)
        if params.get("ServerSideEncryption") == "aws:kms" and not params.get("SSEKMSKeyId"):
            rules.managed.add(which)
    parsed.setdefault("ServerSideEncryption", "AES256")
    if which in rules.managed:
        parsed["SSEKMSKeyId"] = f"arn:aws:kms:{rules.region}:{rules.account}:key/00000000-aws-s3"
        parsed["BucketKeyEnabled"] = False
