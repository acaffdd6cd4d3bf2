"""What a request may meet on its way: throttling, answers that are lost, a process that dies. Source: aws-facts 4.

These rules sit before the transport, so that botocore's own retries see them. Its pauses pass on the rules' clock.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from io import BytesIO
from typing import TYPE_CHECKING, Any

import botocore.endpoint
from botocore.awsrequest import AWSResponse
from moto.core.models import botocore_stubber

if TYPE_CHECKING:
    from tests.aws_rules import Rules


@dataclass(frozen=True)
class Sending:
    """The call this thread is making."""

    rules: Rules
    service: str
    operation: str
    protocol: str
    read: bool
    params: Mapping[str, Any]


_current: ContextVar[Sending | None] = ContextVar("aws_rules_sending", default=None)


class Crash(BaseException):  # no `except Exception` may survive it, as no process survives kill -9
    """The process died here."""


@dataclass
class Fault:
    """One operation fails `times` times. lost: it is carried out, and only the answer goes astray."""

    service: str
    operation: str
    code: str = "InternalError"
    status: int = 500
    times: int = 1
    lost: bool = False


@dataclass
class Weather:
    """lost: share of the writes whose answer is lost; crash_at: (n-th write from now, counted from 1, "before" or
    "after" it was carried out)."""

    lost: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    crash_at: tuple[int, str] | None = None
    writes: int = 0

    def crash(self, at: int, when: str) -> None:
        self.writes, self.crash_at = 0, (at, when)


def install(rules: Rules) -> None:
    rules.session.events.register_first("before-send", _before_send)
    botocore.endpoint.time = _Time()  # type: ignore[attr-defined]


def enter(rules: Rules, model: Any, read: bool, params: Mapping[str, Any]) -> None:
    """The current thread is about to send this call."""
    service = model.service_model
    _current.set(Sending(rules, service.service_name, model.name, service.resolved_protocol, read, params))


def leave() -> None:
    """The current thread has its answer."""
    _current.set(None)


class _Time:
    """botocore's clock: real, but for pauses before a retry of a call under rules."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        call = _current.get()
        (call.rules.clock.sleep if call else time.sleep)(seconds)


def _before_send(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
    call = _current.get()
    if call is None:
        return None
    rules = call.rules
    with rules.lock:
        crash = _crash(rules.weather, call.read)
        fault = _fault(rules, call.service, call.operation, call.read)
    if crash == "after" or (fault and fault.lost):
        sent = botocore_stubber(event_name, request)
        if sent is not None and sent.status_code < 300:
            rules.carried_out(call.service, call.operation, call.params)
    if crash:
        rules.writing.clear()
        raise Crash(f"{crash} {call.service}:{call.operation}")
    if fault is None:
        return None
    # botocore asks every handler and takes the first answer: moto comes after us, and acts on what it recognises.
    request.url = "https://refused.invalid/"
    headers, body = _body(call.protocol, fault.code)
    return AWSResponse(request.url, fault.status, headers, _Raw(body))


def _crash(weather: Weather, read: bool) -> str:
    if read or weather.crash_at is None:
        return ""
    weather.writes += 1
    if weather.writes != weather.crash_at[0]:
        return ""
    when, weather.crash_at = weather.crash_at[1], None
    return when


def _fault(rules: Rules, service: str, operation: str, read: bool) -> Fault | None:
    for each in rules.weather.faults:
        if (each.service, each.operation) == (service, operation) and each.times > 0:
            each.times -= 1
            return each
    if rules.chance.random() < rules.throttled:
        slow = service == "s3"
        return Fault(service, operation, "SlowDown" if slow else "ThrottlingException", 503 if slow else 400)
    if not read and rules.chance.random() < rules.weather.lost:
        return Fault(service, operation, lost=True)
    return None


def _body(protocol: str, code: str) -> tuple[dict[str, str], bytes]:
    """AWS's error in the service's own wire format."""
    if protocol in ("rest-xml", "query"):
        error = f"<Code>{code}</Code><Message>Rate exceeded</Message>"
        text = f"<Error>{error}</Error>" if protocol == "rest-xml" else f"<R><Error>{error}</Error></R>"
        return {"content-type": "text/xml"}, text.encode()
    if protocol == "smithy-rpc-v2-cbor":
        words = ("__type", code, "message", "Rate exceeded")
        return {"smithy-protocol": "rpc-v2-cbor"}, b"\xa2" + b"".join(map(_cbor, words))
    return {"x-amzn-errortype": code}, b'{"__type": "%s", "message": "Rate exceeded"}' % code.encode()


def _cbor(word: str) -> bytes:
    """A CBOR text string of at most 255 bytes (RFC 8949, major type 3)."""
    return b"\x78" + bytes([len(word)]) + word.encode()


class _Raw(BytesIO):
    """What botocore reads an answer from."""

    def stream(self, **_: Any) -> Any:
        yield self.read()
