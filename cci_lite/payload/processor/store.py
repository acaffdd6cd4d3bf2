"""The two buckets as the function uses them: recordings read, documents read and written. Imports no AWS package.

Every write names the key by its ARN; "aws:kms" alone would mean the key of S3 itself (aws-facts 2).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlparse

from botocore.exceptions import ClientError

from . import flac, mp3, wav
from .config import Environment
from .errors import PermanentError, code_of, is_absent
from .naming import media_format
from .wav import HEADER_BYTES, Header


@dataclass(frozen=True)
class Recording:
    """One version of one object of the input bucket. etag without quotes; size in bytes; None when it is gone."""

    bucket: str
    key: str
    etag: str | None = None
    size: int | None = None
    started_at: str | None = None

    def source(self) -> dict[str, Any]:
        return {"bucket": self.bucket, "key": self.key, "etag": self.etag, "size": self.size}


class OvertakenError(Exception):
    """Somebody else has written the object since it was looked at: S3 answers 412 and keeps theirs."""


@dataclass(frozen=True)
class Version:
    """A document as it was read; etag: of the object it was read from, as S3 gives it."""

    document: dict[str, Any]
    etag: str


@dataclass(frozen=True)
class Store:
    """s3: a client; the owner of both buckets is the account of the key."""

    s3: Any
    environment: Environment

    def look(self, bucket: str, key: str) -> Recording:
        """The object as it is now; without etag when it is gone."""
        try:
            head = self.s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=self._owner)
        except ClientError as error:
            if is_absent(error):
                return Recording(bucket, key)
            raise
        told = head.get("Metadata", {}).get("call-started-at")
        return Recording(
            bucket, key, str(head["ETag"]).strip('"'), head["ContentLength"], _moment(told, head["LastModified"])
        )

    def listed(self, bucket: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        """The objects whose keys begin with `prefix`, as S3 lists them: Key, LastModified, ETag, Size."""
        more: dict[str, str] = {}
        while True:
            page = self.s3.list_objects_v2(Bucket=bucket, Prefix=prefix, ExpectedBucketOwner=self._owner, **more)
            yield from page.get("Contents", ())
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def header(self, recording: Recording) -> Header | None:
        """Channels and length of a WAV, FLAC or MP3 recording, by one ranged read.

        None for other formats, and for a recording that is gone: its job says so.
        """
        if media_format(recording.key) not in ("wav", "flac", "mp3") or not recording.size:
            return None
        which = {"Bucket": recording.bucket, "Key": recording.key, "Range": f"bytes=0-{HEADER_BYTES - 1}"}
        try:
            head = self.s3.get_object(**which, ExpectedBucketOwner=self._owner)["Body"].read()
        except ClientError as error:
            if is_absent(error):
                return None
            raise
        return wav.read(head, recording.size) or flac.read(head) or mp3.read(head)

    def get(self, key: str) -> dict[str, Any] | None:
        """A JSON document of the results bucket, or None. Raises PermanentError when it is no JSON object."""
        found = self.version(key)
        return found.document if found else None

    def version(self, key: str) -> Version | None:
        """The same, with what `replace` needs to know whether it is still the one that was read."""
        try:
            answer = self.s3.get_object(Bucket=self.environment.output_bucket, Key=key, ExpectedBucketOwner=self._owner)
            body = answer["Body"].read()
        except ClientError as error:
            if is_absent(error):
                return None
            raise
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise PermanentError("read", "NotJson", f"{key} is not a JSON object")
        return Version(value, str(answer["ETag"]))

    def replace(self, key: str, document: dict[str, Any], there: Version | None) -> None:
        """Puts a document in the place of the one read before, or of none. Raises OvertakenError.

        docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html; a 409 of two writes at once passes
        through and is tried again.
        """
        try:
            self.put(key, document, **({"IfMatch": there.etag} if there else {"IfNoneMatch": "*"}))
        except ClientError as error:
            # If-Match on an object that is gone: NoSuchKey.
            if code_of(error) in ("PreconditionFailed", "412") or is_absent(error):
                raise OvertakenError(f"{key} was written by somebody else") from error
            raise

    def put(self, key: str, document: dict[str, Any], **condition: str) -> None:
        """Writes one line of JSON and its end, which is what Athena's JSON readers take (aws-facts 8.14)."""
        self.s3.put_object(
            Bucket=self.environment.output_bucket,
            Key=key,
            Body=(json.dumps(document, ensure_ascii=False) + "\n").encode(),
            ContentType="application/json",
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.environment.key_arn,
            ExpectedBucketOwner=self._owner,
            **condition,
        )

    def key_of(self, uri: str) -> str:
        """The results bucket's key in a transcript's URI. Raises PermanentError when it points elsewhere."""
        path = unquote(urlparse(uri).path).lstrip("/").removeprefix(f"{self.environment.output_bucket}/")
        if not path.startswith(self.environment.tmp_prefix):
            raise PermanentError("read", "ForeignTranscript", "the job's transcript lies outside the results bucket")
        return path

    @property
    def _owner(self) -> str:
        return self.environment.key_arn.split(":")[4]


def utc(moment: datetime) -> str:
    """ISO 8601 in UTC to the second, as results show it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _moment(told: str | None, modified: datetime) -> str:
    """The caller's own metadata when it is a date with a zone, else when the object was written."""
    try:
        moment = datetime.fromisoformat(told) if told else modified
        return utc(moment if moment.tzinfo else modified)
    except (ValueError, OverflowError):
        return utc(modified)
