"""The emulator's S3, KMS and IAM as the layer reads and completes them. See the package's docstring."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from cci_lite.sandbox.calls import Headers, Query, Refusal

_actions: Any = import_module("ministack.core.iam_actions")
_s3: Any = import_module("ministack.services.s3")


def add_s3_encryption_key_condition(key_of: Callable[[Headers, Query], str | None]) -> None:
    """Puts s3:x-amz-server-side-encryption-aws-kms-key-id into the context of writes, as AWS has it there."""
    original = _actions._s3_object_context

    def context(name: str, query: Query, path: str, headers: Headers) -> Any:
        found = original(name, query, path, headers)
        key = key_of(headers, query) if name == "s3:PutObject" else None
        return {**found, "s3:x-amz-server-side-encryption-aws-kms-key-id": key} if key else found

    _actions._s3_object_context = context


def s3_headers(headers: Headers, query: Query) -> Headers:
    """The headers of an S3 call with those a presigned URL carries in its query."""
    merged: Headers = _s3._merge_hoisted_amz_headers(headers, query)
    return merged


def object_bytes(bucket: str, key: str) -> bytes | None:
    body: bytes | None = _s3._get_object_data(bucket, key)
    return body


def bucket_encryption(bucket: str) -> str | None:
    """The XML that PutBucketEncryption stored, None when there is none."""
    document: str | None = _s3._bucket_encryption.get(bucket)
    return document


def upload_key(upload_id: str) -> str | None:
    """The KMS key that a multipart upload asked for, None when it asked for none."""
    upload = _s3._multipart_uploads.get(upload_id) or {}
    name = "x-amz-server-side-encryption-aws-kms-key-id"
    key: str | None = upload.get("preserved_headers", {}).get(name) if upload.get("requested_sse") else None
    return key


def complete_object_encryption(complete: Callable[[Headers, str, Headers], Headers]) -> None:
    """Lets the layer finish the encryption an object is stored with: request headers, bucket, what was chosen."""
    original = _s3._resolve_sse_write_headers
    _s3._SSE_STORED_HEADERS = (*_s3._SSE_STORED_HEADERS, "x-amz-server-side-encryption-bucket-key-enabled")

    def resolve(headers: Headers, bucket: str) -> Any:
        chosen, error = original(headers, bucket)
        return (chosen, error) if error is not None else (complete(headers, bucket, chosen), None)

    _s3._resolve_sse_write_headers = resolve


def refuse_lost_objects() -> None:
    """Answers a write with an error when its bytes could not be kept; the emulator acknowledges it and logs a line."""
    original = _s3._persist_object

    def persist(bucket: str, key: str, obj: Any) -> None:
        original(bucket, key, obj)
        # What is on disk is not in memory any more.
        if isinstance(obj, dict) and obj.get("body") is not None:
            raise Refusal("InternalError", "We encountered an internal error. Please try again.", 500)

    _s3._persist_object = persist


def key(reference: str) -> dict[str, Any] | None:
    """The record of a KMS key by id, ARN, alias or alias ARN: Arn, KeyId, KeyState, Policy."""
    found: dict[str, Any] | None = import_module("ministack.services.kms")._resolve_key(reference)
    return found


def forget_key(arn: str) -> None:
    """Undoes a CreateKey."""
    del import_module("ministack.services.kms")._keys[arn.rsplit("/", 1)[-1]]


def make_managed_key(alias: str, policy: str) -> str:
    """Makes a key that AWS manages and returns its ARN."""
    kms: Any = import_module("ministack.services.kms")
    kms._create_key({"Policy": policy, "Description": "Default key that protects my S3 objects"})
    made = next(reversed(list(kms._keys.values())))
    made["KeyManager"] = "AWS"
    kms._create_alias({"AliasName": alias, "TargetKeyId": made["KeyId"]})
    return str(made["Arn"])


def principal_exists(arn: str) -> bool:
    """Whether a user or role with exactly this ARN exists in the account."""
    iam: Any = import_module("ministack.services.iam")
    store = iam._roles if ":role/" in arn else iam._users
    record = store.get(arn.rsplit("/", 1)[-1])
    return record is not None and record.get("Arn") == arn
