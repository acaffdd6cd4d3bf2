"""Handing recordings to the pipeline and finding what became of them. Not a step; knows aws.cloud, payload naming.

One PutObject with both encryption headers (aws-facts 1.7, 2). Under SSE-KMS every upload has another ETag, so that
"the same recording again" is told by a hash of its content, and never buys a second job.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code
from cci_lite.payload.processor.naming import call_id, failed_key, job_name

SHA256 = "sha256"
#: Tells one upload from another of the same content: of a retry whose first answer was lost.
UPLOAD = "upload"
Anew = Callable[[str], bool]
_BLOCK = 1 << 20
#: Bytes up to which a recording is sent without asking first whether one of that name is there.
_SMALL = 8 << 20
_UNMET = ("PreconditionFailed", "ConditionalRequestConflict")
_ON_THE_WAY = timedelta(minutes=3)
#: Longer than the function may work on one event (aws-facts 4: 15 minutes).
_SURELY_WRITTEN = timedelta(minutes=20)


@dataclass(frozen=True)
class Buckets:
    """Names of the two buckets and the ARN of the key that encrypts both."""

    input: str
    results: str
    key_arn: str


@dataclass(frozen=True)
class Uploaded:
    """etag: of the object now in the bucket; again: the same content had been there before."""

    key: str
    etag: str
    again: bool


class OtherContentError(Exception):
    """Another recording already has this name."""


def submit(
    cloud: Cloud,
    buckets: Buckets,
    key: str,
    path: Path,
    metadata: Mapping[str, str],
    *,
    anew: Anew = lambda etag: False,
) -> Uploaded:
    """Upload `path` as `key` unless the same content is there and at work. Raises OtherContentError when other is.

    Always under a condition: a recording that lands between looking and uploading is not overwritten.

    anew: whether to upload even so, which starts a new job; asked only when it matters, about the ETag that is there.
    """
    upload = partial(_upload, cloud, buckets, key, path, {**metadata, SHA256: _sha256(path), UPLOAD: uuid4().hex})
    if path.stat().st_size <= _SMALL and (etag := upload(IfNoneMatch="*")):
        return Uploaded(key, etag, again=False)
    there = cloud.find("s3", "head_object", **_which(cloud, buckets.input), Key=key)
    if there and there.get("Metadata", {}).get(SHA256) != _sha256(path):
        raise OtherContentError(f"s3://{buckets.input}/{key} holds another recording")
    if there and not anew(_etag(there)) and _at_work(cloud, buckets.input, key, there):
        return Uploaded(key, _etag(there), again=True)
    etag = upload(IfMatch=there["ETag"]) if there else upload(IfNoneMatch="*")
    if etag is None:
        raise OtherContentError(f"somebody else wrote s3://{buckets.input}/{key} at the same moment")
    return Uploaded(key, etag, again=False)


def _upload(
    cloud: Cloud, buckets: Buckets, key: str, path: Path, metadata: Mapping[str, str], **condition: str
) -> str | None:
    """The ETag; None when the condition does not hold, so that nothing of anybody else's is ever overwritten. It does
    not hold either when the answer to the first try was lost: what lies there then is this very upload.

    Source: S3 user guide, "How to prevent object overwrites with conditional writes".
    """
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": buckets.key_arn}
    which: dict[str, Any] = {**_which(cloud, buckets.input), "Key": key, **encryption, **condition}
    try:
        with path.open("rb") as body:
            answer = cloud.write("s3", "put_object", **which, Body=body, Metadata=dict(metadata))
    except ClientError as error:
        if code(error) not in _UNMET:
            raise
        answer = cloud.find("s3", "head_object", **_which(cloud, buckets.input), Key=key) or {}
        if answer.get("Metadata", {}).get(UPLOAD) != metadata[UPLOAD]:
            return None
    return _etag(answer)


def result_key(cloud: Cloud, buckets: Buckets, tenant: str, call: str) -> str | None:
    """The key of a call's newest result, or None. Reads pages of the tenant's results."""
    name = re.compile(rf"^{re.escape(tenant)}/\d{{4}}/\d\d/\d\d/{re.escape(call)}\.json$")
    which = {**_which(cloud, buckets.results), "Prefix": f"{tenant}/2"}
    found = [each for each in cloud.pages("s3", "list_objects_v2", "Contents", **which) if name.match(each["Key"])]
    return str(max(found, key=lambda each: each["LastModified"])["Key"]) if found else None


def failure(cloud: Cloud, buckets: Buckets, tenant: str, call: str) -> dict[str, Any] | None:
    """The recorded failure of a call, or None."""
    return document(cloud, buckets, failed_key(tenant, call))


def has_failed(cloud: Cloud, buckets: Buckets, tenant: str, call: str, etag: str) -> bool:
    """Whether a failure of this very upload is recorded."""
    failed = failure(cloud, buckets, tenant, call)
    return failed is not None and str((failed.get("source") or {}).get("etag")).strip('"') == etag


def document(cloud: Cloud, buckets: Buckets, key: str) -> dict[str, Any] | None:
    """A JSON object of the results bucket, or None when it is absent."""
    found = cloud.find("s3", "get_object", **_which(cloud, buckets.results), Key=key)
    if found is None:
        return None
    value: dict[str, Any] = json.loads(found["Body"].read())
    return value


def id_of(key: str) -> str:
    """The call id that the pipeline gives to the recording `key`."""
    return str(call_id(key))


def long_done(cloud: Cloud, bucket: str, key: str) -> bool:
    """Whether the job of the recording under `key` ended so long ago that a result which is not there is lost."""
    there = cloud.find("s3", "head_object", **_which(cloud, bucket), Key=key)
    done = ((there and _job(cloud, bucket, key, there)) or {}).get("CompletionTime")
    return done is not None and cloud.clock.utc() - done > _SURELY_WRITTEN


def _at_work(cloud: Cloud, bucket: str, key: str, head: Mapping[str, Any]) -> bool:
    """Whether this version's job exists, or its event may still be on the way ("can take a minute or longer")."""
    if cloud.clock.utc() - head["LastModified"] < _ON_THE_WAY:
        return True
    return _job(cloud, bucket, key, head) is not None


def _job(cloud: Cloud, bucket: str, key: str, head: Mapping[str, Any]) -> dict[str, Any] | None:
    name = job_name(bucket, key, _etag(head))
    found = cloud.find("transcribe", "get_transcription_job", TranscriptionJobName=name)
    return dict(found["TranscriptionJob"]) if found else None


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def _which(cloud: Cloud, bucket: str) -> dict[str, str]:
    return {"Bucket": bucket, "ExpectedBucketOwner": cloud.site.account}


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as body:
        while block := body.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
