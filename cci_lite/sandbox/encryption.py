"""Which KMS key an S3 write uses, whether it is usable, and whether the caller may use it. Knows no routes.

Rules: aws-facts §2, §3; error codes as S3 passes them on from KMS.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.etree import ElementTree

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Headers, Refusal

ALGORITHM = "x-amz-server-side-encryption"
KEY = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled"
CUSTOMER_KEY = "x-amz-server-side-encryption-customer-algorithm"
_MANAGED_ALIAS = "alias/aws/s3"
_NOT_SECURE = (
    "Requests specifying Server Side Encryption with AWS KMS managed keys must be made over a secure connection."
)


@dataclass(frozen=True)
class Default:
    """A bucket's default encryption, and what an upload may not be encrypted with: SSE-C since April 2026."""

    algorithm: str = "AES256"
    key: str | None = None
    bucket_key: bool = False
    blocked: str = "SSE-C"


def default(bucket: str) -> Default:
    """What PutBucketEncryption stored; SSE-S3 when nothing was. It blocks nothing where it did not say so."""
    document = ministack.bucket_encryption(bucket)
    if document is None:
        return Default()
    nodes = ElementTree.fromstring(document).iter()
    fields = {node.tag.rsplit("}", 1)[-1]: (node.text or "").strip() for node in nodes}
    algorithm = fields.get("SSEAlgorithm") or "AES256"
    key, bucket_key = fields.get("KMSMasterKeyID") or None, fields.get("BucketKeyEnabled") == "true"
    return Default(algorithm, key, bucket_key, fields.get("EncryptionType", "NONE"))


def effective(headers: Headers, bucket: str) -> tuple[str | None, bool]:
    """The key's ARN (None without SSE-KMS) and whether the bucket key is used.

    Raises Refusal for an unusable key, and for a key of the uploader's own (SSE-C) where the bucket blocks them.
    """
    preset = default(bucket)
    algorithm = headers.get(ALGORITHM)
    if CUSTOMER_KEY in headers and preset.blocked == "SSE-C":
        raise Refusal("AccessDenied", "Access Denied", 403)
    if algorithm is None and CUSTOMER_KEY not in headers:
        algorithm, reference = preset.algorithm, preset.key
    else:
        reference = headers.get(KEY)
    if algorithm != "aws:kms":
        return None, False
    return usable(reference), headers.get(BUCKET_KEY, str(preset.bucket_key)).lower() == "true"


def completed(headers: Headers, bucket: str, chosen: Headers) -> Headers:
    """The encryption an object is stored with, as HeadObject shows it: the key's ARN, SSE-S3 when nothing was asked."""
    if not chosen:
        return {ALGORITHM: "AES256"}
    if chosen.get(ALGORITHM) != "aws:kms":
        return chosen
    key, bucket_key = effective(headers, bucket)
    assert key is not None
    return {ALGORITHM: "aws:kms", KEY: key, **({BUCKET_KEY: "true"} if bucket_key else {})}


def usable(reference: str | None) -> str:
    """The ARN of the key, aws/s3 when none is named. Raises Refusal with S3's code when it cannot be used."""
    if reference is None or reference.rsplit(":", 1)[-1] == _MANAGED_ALIAS:
        return managed_key()
    key = ministack.key(reference)
    if key is None:
        raise Refusal("KMS.NotFoundException", f"Key '{reference}' does not exist")
    if key["KeyState"] == "Disabled":
        raise Refusal("KMS.DisabledException", f"{key['Arn']} is disabled.")
    if key["KeyState"] != "Enabled":
        state = "pending deletion" if key["KeyState"] == "PendingDeletion" else key["KeyState"]
        raise Refusal("KMS.KMSInvalidStateException", f"{key['Arn']} is {state}.")
    return str(key["Arn"])


def require(call: Call, action: str, key: str, bucket: str) -> None:
    """Raises AccessDenied unless the caller may do this with the key; AWS's own aws/s3 key is open to the account.

    Objects under a KMS key are written and read over TLS only (aws-facts §1.5).
    """
    if not ministack.secure_transport():
        raise Refusal("InvalidArgument", _NOT_SECURE)
    who = refused(call, action, key, bucket)
    if who is not None:
        raise Refusal(
            "AccessDenied",
            f"User: {who} is not authorized to perform: {action} on resource: {key} because no resource-based policy "
            f"allows the {action} action",
            403,
        )


def refused(call: Call, action: str, key: str, bucket: str) -> str | None:
    """None when the caller may, else the caller's ARN. The context is that of S3 acting for the caller."""
    if key == _managed():
        return None
    context = {
        "kms:ViaService": f"s3.{ministack.region()}.amazonaws.com",
        "kms:CallerAccount": ministack.account(),
        "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
    }
    return ministack.denied(call, action, key, context)


def managed_key() -> str:
    """The ARN of the account's aws/s3 key, made when it is first needed as on AWS."""
    return _managed() or ministack.make_managed_key(_MANAGED_ALIAS, _managed_policy())


def _managed() -> str | None:
    key = ministack.key(_MANAGED_ALIAS)
    return None if key is None else str(key["Arn"])


def _managed_policy() -> str:
    condition = {
        "StringEquals": {
            "kms:CallerAccount": ministack.account(),
            "kms:ViaService": f"s3.{ministack.region()}.amazonaws.com",
        }
    }
    statement = {
        "Sid": "Allow access through S3 for all principals in the account that are authorized to use S3",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": condition,
    }
    metadata = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ministack.account()}:root"},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "auto-s3-2", "Statement": [statement, metadata]})
