"""The statements with which a bucket's policy refuses uploads. Source: aws-facts 1.6. Pure values."""

from __future__ import annotations

from typing import Any, Literal

from cci_lite.aws.policy.document import Statement

_SSE = "s3:x-amz-server-side-encryption"
_KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"

TLS = "CciLiteDenyInsecureTransport"
NOT_SSE_KMS = "CciLiteDenyNotSseKms"
WRONG_KEY = "CciLiteDenyWrongKmsKey"
KEY_WITHOUT_SSE = "CciLiteDenyKeyWithoutSse"


def tls_only(bucket_arn: str) -> Statement:
    """Nothing without TLS, on the bucket and on everything in it."""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    return _deny(TLS, "s3:*", [bucket_arn, f"{bucket_arn}/*"], insecure)


def bucket_statements(bucket_arn: str, key_arn: str, mode: Literal["strict", "default-ok"]) -> dict[str, Statement]:
    """Statements by Sid. strict: both headers on every PUT; default-ok: no header, or the right ones."""
    objects = [f"{bucket_arn}/*"]
    other_sse, other_key = {_SSE: "aws:kms"}, {_KEY: key_arn}
    if mode == "strict":
        conditions: dict[str, dict[str, Any]] = {
            NOT_SSE_KMS: {"StringNotEquals": other_sse},
            WRONG_KEY: {"StringNotEquals": other_key},
        }
    else:
        conditions = {
            NOT_SSE_KMS: {"Null": {_SSE: "false"}, "StringNotEquals": other_sse},
            WRONG_KEY: {"StringEquals": {_SSE: "aws:kms"}, "StringNotEquals": other_key},
            KEY_WITHOUT_SSE: {"Null": {_KEY: "false"}, "StringNotEquals": other_key},
        }
    denied = {sid: _deny(sid, "s3:PutObject", objects, condition) for sid, condition in conditions.items()}
    return {TLS: tls_only(bucket_arn), **denied}


def _deny(sid: str, action: str, resources: list[str], condition: dict[str, Any]) -> Statement:
    return Statement.parse(
        {
            "Sid": sid,
            "Effect": "Deny",
            "Principal": "*",
            "Action": action,
            "Resource": resources,
            "Condition": condition,
        }
    )
