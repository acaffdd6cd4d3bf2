"""S3 where the emulator is more lenient than AWS about keys and buckets. Hooks; knows no server."""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import replace
from urllib.parse import unquote

from cci_lite.sandbox import encryption, ministack
from cci_lite.sandbox.calls import Call, Forward, Headers, Refusal, Reply

_REGIONAL = re.compile(r"^[a-z0-9.-]+-(\d{12})-([a-z0-9-]+)-an$")


async def put_object(call: Call, forward: Forward) -> Reply:
    """PutObject, CopyObject and multipart: the key must be usable, by this caller."""
    headers = ministack.s3_headers(call.headers, call.query)
    bucket = _bucket(call)
    if source := headers.get("x-amz-copy-source"):
        await _readable_source(call, source)
    if "uploadId" in call.query:
        _part(call, bucket)
        return await forward(call)
    key, _ = encryption.effective(headers, bucket)
    if key is not None:
        encryption.require(call, "kms:GenerateDataKey", key, bucket)
        # aws:kms without a key means aws/s3; the emulator wants it spelled out.
        if headers.get(encryption.ALGORITHM) == "aws:kms":
            call = replace(call, headers={**call.headers, encryption.KEY: key})
    return await forward(call)


def _part(call: Call, bucket: str) -> None:
    """A part is encrypted, and the completion reads the parts back."""
    key = ministack.upload_key(call.query["uploadId"][0])
    if key is not None and call.method in ("PUT", "POST"):
        action = "kms:GenerateDataKey" if call.method == "PUT" else "kms:Decrypt"
        encryption.require(call, action, encryption.usable(key), bucket)


async def _readable_source(call: Call, source: str) -> None:
    path = "/" + unquote(source.partition("?")[0]).lstrip("/")
    try:
        _, headers, _ = await ministack.internal("s3", "HEAD", path, {})
    except Refusal:
        return  # The emulator answers for a missing source.
    _decryptable(call, headers, path.split("/")[1])


async def get_object(call: Call, forward: Forward) -> Reply:
    """GetObject and HeadObject of an SSE-KMS object need kms:Decrypt, and TLS (aws-facts §1.5)."""
    status, headers, body = await forward(call)
    if status < 400:
        _decryptable(call, headers, _bucket(call))
    return status, headers, body


def _decryptable(call: Call, headers: Headers, bucket: str) -> None:
    key = {name.lower(): value for name, value in headers.items()}.get(encryption.KEY)
    if key is not None:
        encryption.require(call, "kms:Decrypt", encryption.usable(key), bucket)


async def create_bucket(call: Call, forward: Forward) -> Reply:
    """The account-regional namespace admits only names that end in this account and region (aws-facts §15)."""
    if call.headers.get("x-amz-bucket-namespace") == "account-regional":
        found = _REGIONAL.match(_bucket(call))
        if found is None or found.groups() != (ministack.account(), ministack.region()):
            raise Refusal("InvalidBucketName", "The specified bucket is not valid.")
    return await forward(call)


async def put_bucket_encryption(call: Call, forward: Forward) -> Reply:
    """Encryption in two layers is refused as a default, as the emulator refuses it for an object."""
    if b"aws:kms:dsse" in call.body:
        raise Refusal("InvalidArgument", "the sandbox does not know aws:kms:dsse")
    return await forward(call)


async def get_bucket_encryption(call: Call, forward: Forward) -> Reply:
    """What the bucket blocks is always told, also where nobody set it."""
    status, headers, body = await forward(call)
    if status == 200 and "BlockedEncryptionTypes" not in body:
        blocked = encryption.default(_bucket(call)).blocked
        told = f"<BlockedEncryptionTypes><EncryptionType>{blocked}</EncryptionType></BlockedEncryptionTypes>"
        body = body.replace("</Rule>", f"{told}</Rule>")
    return status, headers, body


def encryption_key_condition(headers: Headers, query: dict[str, list[str]]) -> str | None:
    """The value of s3:x-amz-server-side-encryption-aws-kms-key-id for a write."""
    if "uploadId" in query:
        return ministack.upload_key(query["uploadId"][0])
    return headers.get(encryption.KEY)


def etag(stored: Headers, content: bytes, parts: int) -> str | None:
    """The MD5 of the content says nothing but under SSE-S3; else an ETag differs from upload to upload.

    parts: of a multipart upload, whose ETag is made of theirs; under SSE-S3 the emulator does that (None).
    Source: S3 API reference, "Object".
    """
    if stored.get(encryption.ALGORITHM) != "AES256":
        return f'"{secrets.token_hex(16)}{f"-{parts}" if parts else ""}"'
    return None if parts else f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'


def _bucket(call: Call) -> str:
    return call.path.lstrip("/").partition("/")[0]
