"""Answers in AWS's place: a botocore `before-call` handler that returns one of these sends nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

Answer = tuple[SimpleNamespace, dict[str, Any]]


def refusal(code: str, message: str, status: int = 400) -> Answer:
    """AWS's refusal."""
    meta = {"RequestId": "moto-rule", "HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}
    error = {"Code": code, "Message": message}
    return SimpleNamespace(status_code=status, headers={}, content=b""), {"Error": error, "ResponseMetadata": meta}


def answer(**body: Any) -> Answer:
    """A good answer."""
    meta = {"RequestId": "moto-rule", "HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    return SimpleNamespace(status_code=200, headers={}, content=b""), {**body, "ResponseMetadata": meta}
