"""The ASGI application before the emulator: health, no root, state saved before a write is acknowledged."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from cci_lite.sandbox import ministack
from cci_lite.sandbox.calls import Call, Refusal, Reply, refuse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: STS's Get* of sessions make credentials, which are state.
_READ = (
    "(Get(?!SessionToken|FederationToken)|List|Describe|Head|BatchGet|BatchDetect|Detect|Simulate|Lookup|Search|Converse"
    "|Select)"
)
_READS = re.compile(_READ)
_QUERY_READS = re.compile(f"Action={_READ}".encode())
_HEAD = 64
_HOSTS = ("localhost", "127.0.0.1", "[::1]")


@dataclass
class Gateway:
    """`save` writes what changed; it runs before the first byte of the answer to a write leaves."""

    save: Callable[[], None]
    in_flight: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await ministack.application(scope, receive, send)
            return
        self.in_flight += 1
        # The emulator would believe a client that says so, and take plain HTTP for TLS.
        sent = [pair for pair in scope["headers"] if pair[0].lower() != b"x-forwarded-proto"]
        try:
            await self._serve({**scope, "headers": sent}, receive, send)
        finally:
            self.in_flight -= 1

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/_sandbox/health":
            await _answer(send, _health())
        elif (refusal := _refused(scope)) is not None:
            await _answer(send, refusal)
        else:
            await ministack.application(scope, *self._saving(scope, receive, send))

    def _saving(self, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
        if _only_reads(scope):
            return receive, send
        form = bytearray()  # where the Query protocol names its operation: at the head of the body

        async def heard() -> Message:
            message = await receive()
            if len(form) < _HEAD:
                form.extend(message.get("body", b"")[:_HEAD])
            return message

        async def saved(message: Message) -> None:
            if message["type"] == "http.response.start" and not _QUERY_READS.match(form):
                self.save()
            await send(message)

        return heard, saved


def _health() -> Reply:
    return 200, {"Content-Type": "application/json"}, json.dumps({"pid": os.getpid()}).encode()


def _refused(scope: Scope) -> Reply | None:
    """Root keys never pass, and only the loopback names are served (virtual-hosted S3 would escape the layer)."""
    headers, query = _headers(scope), parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    service = ministack.service_of(scope["method"], scope["path"], headers, query)
    call = Call(service, "", scope["method"], scope["path"], headers, b"", query)
    if headers.get("host", "localhost").rsplit(":", 1)[0] not in _HOSTS:
        return refuse(call, Refusal("UnknownOperationException", "the sandbox serves localhost and path-style S3 only"))
    if not ministack.serves(service):
        return refuse(call, Refusal("UnknownOperationException", f"the sandbox has no service {service}"))
    if scope["path"].startswith(("/_ministack", "/_localstack")):
        return refuse(call, Refusal("UnknownOperationException", "not an AWS address", 404))
    key = ministack.access_key(headers, query)
    if key and ministack.is_root_key(key):
        code = "InvalidAccessKeyId" if service == "s3" else "InvalidClientTokenId"
        return refuse(call, Refusal(code, "The security token included in the request is invalid.", 403))
    return None


def _only_reads(scope: Scope) -> bool:
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return True
    headers = _headers(scope)
    if "smithy-protocol" in headers:  # CloudWatch's: the path is /service/NAME/operation/NAME, as an object's may be
        return bool(_READS.match(scope["path"].rsplit("/", 1)[-1]))
    return bool(_READS.match(headers.get("x-amz-target", "").rsplit(".", 1)[-1]))


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}


async def _answer(send: Send, reply: Reply) -> None:
    status, headers, body = reply
    pairs = [(k.encode(), v.encode()) for k, v in {**headers, "Content-Length": str(len(body))}.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
