"""What happens around every request of a session, so that no client can be made without it. Knows botocore's events.

Requests with values that are not known yet are refused, a command that only reads cannot write, nothing is written
after an interruption, and whoever listens hears of each call before it is sent and after it was answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from cci_lite.aws import scope
from cci_lite.aws.calls import is_read
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.values import MARK


class ReadOnlyViolation(Exception):
    """A read-only command tried to write. A bug, caught before anything was sent."""


class UnknownInRequest(Exception):
    """A request still contains a value that another step has to produce first. A bug, caught before it was sent."""


class Listener(Protocol):
    """Who is told about calls: the journal, the recorder of tests, the screen."""

    def before(self, service: str, operation: str, params: Mapping[str, Any], *, read: bool) -> None: ...

    def after(self, service: str, operation: str, *, read: bool, error: str, request_id: str) -> None: ...


@dataclass(frozen=True)
class Hooks:
    """stopped: whether the operator asked to stop."""

    listeners: list[Listener]
    read_only: bool
    stopped: Callable[[], bool]

    def install(self, events: Any) -> None:
        """events: of the session that makes all clients."""
        events.register("before-parameter-build", self._refuse_unknown)
        events.register_first("before-call", self._before)
        events.register("after-call", self._after)
        events.register("after-call-error", self._after_error)

    def before(self, service: str, operation: str, params: Mapping[str, Any], *, read: bool) -> None:
        """Raises what forbids the call. What cleans up is sent even where it cannot be written down any more."""
        if not read and self.read_only:
            raise ReadOnlyViolation(f"{service}:{operation} writes, but this command only reads")
        if not read and self.stopped() and not scope.is_cleaning():
            raise Interrupted(f"interrupted before {service}:{operation}")
        if not read:
            scope.end_glance()
        for each in self.listeners:
            with suppress(*([OSError] if scope.is_cleaning() else [])):
                each.before(service, operation, params, read=read)

    def after(self, service: str, operation: str, *, read: bool, error: str, request_id: str = "") -> None:
        for each in self.listeners:
            with suppress(*([OSError] if scope.is_cleaning() else [])):
                each.after(service, operation, read=read, error=error, request_id=request_id)

    def _refuse_unknown(self, params: Mapping[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context["cci_lite_params"] = dict(params)
        if MARK in json.dumps(params, default=lambda value: "" if isinstance(value, bytes) else str(value)):
            raise UnknownInRequest(f"{model.name} would be sent a value that is not known yet")

    def _before(self, model: Any, context: dict[str, Any], **_: Any) -> None:
        service, operation = model.service_model.service_name, model.name
        sent = context.get("cci_lite_params", {})
        read = is_read(service, operation, sent)
        context["cci_lite_call"] = (service, operation, read)
        self.before(service, operation, sent, read=read)

    def _after(self, http_response: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        service, operation, read = context["cci_lite_call"]
        failed = parsed.get("Error", {}).get("Code", "") if http_response.status_code >= 300 else ""
        if failed:  # botocore's errors name the operation but not the service
            parsed["Error"]["Service"] = service
        answered = str(parsed.get("ResponseMetadata", {}).get("RequestId", ""))
        self.after(service, operation, read=read, error=str(failed), request_id=answered)

    def _after_error(self, exception: Exception, context: dict[str, Any], **_: Any) -> None:
        """No answer came: whether the call was carried out is not known."""
        service, operation, read = context["cci_lite_call"]
        self.after(service, operation, read=read, error=type(exception).__name__)
