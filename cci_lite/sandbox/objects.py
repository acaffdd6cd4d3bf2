"""S3 objects as another service of the sandbox uses them: past the policy check, which it makes itself."""

from __future__ import annotations

from typing import NamedTuple

from cci_lite.sandbox import encryption, ministack
from cci_lite.sandbox.calls import Call, Headers, Refusal

ENCRYPTED = {encryption.ALGORITHM: "aws:kms"}


class Location(NamedTuple):
    """One object."""

    bucket: str
    key: str

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}/{self.key}"


async def head(location: Location) -> Headers | None:
    """The object's headers; None when there is no such object."""
    try:
        _, headers, _ = await ministack.internal("s3", "HEAD", f"/{location.bucket}/{location.key}", {})
    except Refusal:
        return None
    return {name.lower(): value for name, value in headers.items()}


def read(location: Location) -> bytes | None:
    """The object's bytes; None when there is no such object."""
    return ministack.object_bytes(location.bucket, location.key)


async def put(location: Location, body: bytes, key: str | None, content_type: str = "application/json") -> None:
    """Writes an object under a KMS key, or SSE-S3 without one. Its notifications go out as for any other."""
    encrypted = {**ENCRYPTED, encryption.KEY: key} if key else {encryption.ALGORITHM: "AES256"}
    headers = {"content-type": content_type, "content-length": str(len(body)), **encrypted}
    await ministack.internal("s3", "PUT", f"/{location.bucket}/{location.key}", headers, body)


async def bucket_exists(bucket: str) -> bool:
    try:
        await ministack.internal("s3", "HEAD", f"/{bucket}", {})
    except Refusal:
        return False
    return True


def unreadable(call: Call, location: Location, headers: Headers) -> str | None:
    """The caller's ARN when it may not read the object or use the key it is under, else None."""
    who = ministack.denied(call, "s3:GetObject", location.arn)
    key = headers.get(encryption.KEY)
    if who is None and key is not None:
        who = encryption.refused(call, "kms:Decrypt", key, location.bucket)
    return who


def unwritable(call: Call, location: Location, key: str | None) -> str | None:
    """The caller's ARN when it may not write there or use that key, else None."""
    context = {"s3:x-amz-server-side-encryption": "aws:kms" if key else "AES256"}
    if key:
        context["s3:x-amz-server-side-encryption-aws-kms-key-id"] = key
    who = ministack.denied(call, "s3:PutObject", location.arn, context)
    if who is None and key is not None:
        who = encryption.refused(call, "kms:GenerateDataKey", key, location.bucket)
    return who
