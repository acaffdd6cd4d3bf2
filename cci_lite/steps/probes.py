"""The plan's upload tests, really made: PUTs that must work and PUTs that must be refused. Not a step.

Source: aws-facts 1.4, 1.5, 19. Probes lie outside of every tenant's folder, so that nothing is processed, and are
deleted again, also after an interruption. A new policy takes some seconds to be obeyed everywhere, so that an
unexpected answer is asked for again until a deadline; then it stands.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cci_lite.aws import scope
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, status
from cci_lite.engine.clock import Patience

PREFIX = "_cci-probe/"
_OBEYED_WITHIN_S = 60.0
_BODY = b"cci-lite probe\n"


@dataclass(frozen=True)
class Answer:
    """status: of the request (200 or 403 ...); stored: how the object is encrypted, when it was stored; code: S3's own,
    for a refusal: a 403 of something on the way has none."""

    status: int
    stored: str = ""
    code: str = ""

    @property
    def denied(self) -> bool:
        """Whether S3 itself refused it."""
        return self.code == "AccessDenied"

    def stored_under(self, key_arn: str) -> bool:
        """Whether the object was taken and encrypted with this key."""
        return self.status == 200 and self.stored == f"aws:kms {key_arn}"

    def __str__(self) -> str:
        said = f"answered {self.status} {self.code}".rstrip()
        return said + (f", stored as {self.stored}" if self.stored else "")


@dataclass(frozen=True)
class Probes:
    """Uploads to one bucket. Each returns what S3 answered, once it was `expected` or the deadline was over."""

    cloud: Cloud
    bucket: str

    def put(self, expected: int, **headers: str) -> Answer:
        """PutObject with these encryption headers."""
        return self._until(expected, lambda: self._cleanly(lambda key: self._put(key, headers)))

    def presigned(self, expected: int, key_arn: str, *, send: bool) -> Answer:
        """A presigned PUT that was signed with both headers; `send`: whether the client sends them too."""
        return self._until(expected, lambda: self._cleanly(lambda key: self._presigned(key, key_arn, send)))

    def plain_http(self) -> Answer:
        """A signed read without TLS; the same read with TLS is allowed, or the answer would prove nothing."""
        self.cloud.read("s3", "list_objects_v2", **self._which(), Prefix=PREFIX, MaxKeys=1)
        return self._until(403, self._plain_list)

    def _until(self, expected: int, attempt: Callable[[], Answer]) -> Answer:
        answer = Answer(0)
        for waited in Patience(self.cloud.clock, _OBEYED_WITHIN_S, first=1.0):
            answer = attempt()
            if answer.status == expected:
                break
            self.cloud.wait(f"S3 to obey the policy (answered {answer.status}, expected {expected})", waited)
        return answer

    def _cleanly(self, attempt: Callable[[str], Answer]) -> Answer:
        """Whatever happened, nothing stays behind; only after a refusal there is nothing to delete."""
        key, answer = f"{PREFIX}{uuid.uuid4().hex}", Answer(0)
        try:
            answer = attempt(key)
        finally:
            if answer.status != 403:
                with scope.cleaning():
                    self.cloud.write("s3", "delete_object", **self._which(), Key=key)
        return answer

    def _put(self, key: str, headers: Mapping[str, str]) -> Answer:
        try:
            self.cloud.write("s3", "put_object", **self._which(), Key=key, Body=_BODY, **headers)
        except ClientError as error:
            return Answer(status(error), code=code(error))
        return Answer(200, self._stored(key))

    def _plain_list(self) -> Answer:
        try:
            self.cloud.plain_list(self.bucket, PREFIX)
        except ClientError as error:
            return Answer(status(error), code=code(error))
        return Answer(200)

    def _presigned(self, key: str, key_arn: str, send: bool) -> Answer:
        headers = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": key_arn}
        given = {"Bucket": self.bucket, "Key": key, "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_arn}
        url = self.cloud.client("s3").generate_presigned_url("put_object", Params=given, ExpiresIn=60)
        answered = self.cloud.put_url(url, headers if send else {}, _BODY)
        return Answer(answered, self._stored(key) if answered == 200 else "")

    def _stored(self, key: str) -> str:
        head = self.cloud.read("s3", "head_object", **self._which(), Key=key)
        return f"{head.get('ServerSideEncryption')} {head.get('SSEKMSKeyId', '')}".strip()

    def _which(self) -> dict[str, Any]:
        return {"Bucket": self.bucket, "ExpectedBucketOwner": self.cloud.site.account}
