"""Bucket policies with their conditions, which moto ignores. May import moto and the product's evaluator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide

_HEADERS = {
    "x-amz-server-side-encryption": "s3:x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "s3:x-amz-server-side-encryption-aws-kms-key-id",
}
_ALL = PolicyDocument.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
REFUSAL = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


def no_second_opinion() -> None:
    """moto itself lets everything through from now on."""
    FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL  # type: ignore[method-assign]


def allowed(path: str, headers: Mapping[str, str]) -> bool:
    """Whether an administrator's PUT of /BUCKET/KEY is let in, as if it had come over TLS."""
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    lower = {name.lower(): value for name, value in headers.items()}
    context = {condition: lower[name] for name, condition in _HEADERS.items() if name in lower}
    context["aws:SecureTransport"] = "true"
    return not key or _decide(bucket, "s3:PutObject", f"arn:aws:s3:::{bucket}/{key}", context)


def allowed_without_tls(url: str) -> bool:
    """Whether a list request to http://BUCKET.s3.REGION.amazonaws.com/ or .../BUCKET is let in."""
    parts = urlsplit(url)
    bucket = parts.netloc.partition(".s3.")[0] if ".s3." in parts.netloc else parts.path.strip("/")
    return _decide(bucket, "s3:ListBucket", f"arn:aws:s3:::{bucket}", {"aws:SecureTransport": "false"})


def _decide(bucket: str, action: str, resource: str, context: Mapping[str, str]) -> bool:
    held = get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"].buckets.get(bucket)
    if held is None or not held.policy:
        return True
    caller = f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:user/operator"
    request = Request(caller, DEFAULT_ACCOUNT_ID, action, resource, context)
    policy = PolicyDocument.parse(json.loads(held.policy))
    return decide(request, identity=[_ALL], resource=[policy]).allowed
