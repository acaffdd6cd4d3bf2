"""One AWS call as the layer sees it, the shape of an answer, and AWS-shaped errors. Knows no emulator and no server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from xml.sax.saxutils import escape

Headers = dict[str, str]
Query = dict[str, list[str]]
# Status, headers, and the body: bytes, or the emulator's own streaming object, passed on unread.
Reply = tuple[int, Headers, Any]


@dataclass(frozen=True)
class Call:
    """A request that has passed signature and policy checks. `action` is its IAM action without the prefix."""

    service: str
    action: str
    method: str
    path: str
    headers: Headers
    body: bytes
    query: Query

    def json(self) -> dict[str, Any]:
        """The JSON body; {} when there is none or it is no object."""
        try:
            value = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    def with_headers(self, **changed: str) -> Call:
        """The same call with headers added; underscores stand for hyphens."""
        return replace(self, headers={**self.headers, **{k.replace("_", "-"): v for k, v in changed.items()}})


Forward = Callable[[Call], Awaitable[Reply]]
Hook = Callable[[Call, Forward], Awaitable[Reply]]


class Refusal(Exception):
    """AWS would answer with this error. Raised in a hook; rendered in the protocol of the call's service."""

    def __init__(self, code: str, message: str, status: int = 400, **fields: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.fields = fields


def refuse(call: Call, refusal: Refusal) -> Reply:
    """The error in the wire format of the call's service: S3 XML, Query XML (IAM, SNS) or JSON."""
    if call.service == "s3":
        return _s3_error(refusal, call.path)
    if call.service in ("iam", "sns", "sts", "monitoring") and "x-amz-target" not in call.headers:
        return _query_error(refusal)
    return json_reply(
        {"__type": refusal.code, "message": str(refusal), "Message": str(refusal), **refusal.fields},
        refusal.status,
        {"x-amzn-errortype": refusal.code},
    )


def json_reply(value: Any, status: int = 200, headers: Headers | None = None) -> Reply:
    """A JSON 1.1 answer, the protocol of most services here."""
    return status, {"Content-Type": "application/x-amz-json-1.1", **(headers or {})}, json.dumps(value).encode()


def rest_reply(value: Any) -> Reply:
    """A REST-JSON answer (Bedrock)."""
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _s3_error(refusal: Refusal, resource: str) -> Reply:
    extra = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in refusal.fields.items())
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{escape(refusal.code)}</Code>'
        f"<Message>{escape(str(refusal))}</Message>{extra}<Resource>{escape(resource)}</Resource></Error>"
    )
    return refusal.status, {"Content-Type": "application/xml"}, body.encode()


def _query_error(refusal: Refusal) -> Reply:
    body = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(refusal.code)}</Code>"
        f"<Message>{escape(str(refusal))}</Message></Error><RequestId>sandbox</RequestId></ErrorResponse>"
    )
    return refusal.status, {"Content-Type": "text/xml"}, body.encode()
