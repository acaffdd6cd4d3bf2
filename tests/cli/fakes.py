"""An account that lives in a dictionary, and a runbook for it: whole commands run in-process against both."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from cci_lite.aws.site import Site
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.model import Changes, Check, Clicks, Known, Meta, Observed, Status, Traits
from cci_lite.steps.kind import Context, Kind, Settings

ACCOUNT = "111122223333"

RUNBOOK = """\
schema: cci-lite/runbook/1
account: "111122223333"
region: eu-central-1
tags: {Project: CCI-Lite}
tenants:
  demo-tenant: {retention_days_input: 1, retention_days_results: 30}
phases:
  - phase: 1
    title: Foundation
    steps:
      - {id: key, kind: thing, title: The key, plan: Key shows alias, name: the-key}
      - {id: store, kind: thing, title: The store, plan: Upload succeeds, name: the-store, size: 2, after: [key]}
  - phase: 2
    title: Pipeline
    steps:
      - {id: worker, kind: thing, title: The worker, name: the-worker, after: [store]}
      - {id: mail, kind: mail, title: Who gets the alarms, name: ops}
risks:
  - service: fake
    code: AccessDenied
    contains: putthing
    reason: the caller may not change things in this account
    hint: ask the administrator for fake:PutThing
"""


@dataclass
class FakeClock:
    """A tenth of a second passes whenever somebody looks; more only while somebody sleeps."""

    time: float = 1_800_000_000.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def utc(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)


def refused(operation: str, code: str, message: str, service: str = "fake") -> ClientError:
    """What botocore raises, with the service noted as aws.cloud does."""
    error = {"Code": code, "Message": message, "Service": service}
    return ClientError({"Error": error, "ResponseMetadata": {"RequestId": "0001-REQ"}}, operation)  # type: ignore[typeddict-item]


@dataclass
class FakeCloud:
    """The part of aws.cloud.Cloud that commands, the lease and these steps use."""

    site: Site = field(default_factory=lambda: Site(ACCOUNT, "eu-central-1", caller=f"arn:aws:iam::{ACCOUNT}:user/ops"))
    clock: FakeClock = field(default_factory=FakeClock)
    read_only: bool = False
    listeners: list[Any] = field(default_factory=list)
    waiting: Callable[[str, str, float], None] = lambda step, what, waited: None
    things: dict[str, Observed] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    fail: dict[str, Exception] = field(default_factory=dict)
    checks: dict[str, Status] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def find(self, service: str, operation: str, **params: Any) -> dict[str, Any] | None:
        value = self.parameters.get(params["Name"])
        return None if value is None else {"Parameter": {"Value": value}}

    def write(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        with self.lock:
            self._tell_before(service, operation, params)
            error = self.fail.get(params["Name"])
            if error is not None and operation != "get_parameter":
                self._tell_after(service, operation, "AccessDenied")
                raise error
            self._carry_out(operation, params)
            self.writes.append(f"{service}:{operation} {params['Name']}")
            self._tell_after(service, operation, "")
        return {}

    def snapshot(self) -> Any:
        return nullcontext()

    def _carry_out(self, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "put_parameter":
            if params["Name"] in self.parameters and not params["Overwrite"]:
                raise refused("PutParameter", "ParameterAlreadyExists", "there is one", "ssm")
            self.parameters[params["Name"]] = params["Value"]
        elif operation == "delete_parameter":
            del self.parameters[params["Name"]]

    def _tell_before(self, service: str, operation: str, params: Mapping[str, Any]) -> None:
        for each in self.listeners:
            each.before(service, operation, params, read=False)

    def _tell_after(self, service: str, operation: str, error: str) -> None:
        for each in self.listeners:
            each.after(service, operation, read=False, error=error, request_id="0001-REQ")


class ThingSettings(Settings):
    name: str
    size: int = 1


@dataclass(frozen=True)
class Thing:
    size: int


@dataclass(frozen=True)
class ThingStep:
    """Wants a Thing of a size under its own id."""

    meta: Meta
    cloud: FakeCloud
    settings: ThingSettings
    traits: Traits = field(default_factory=Traits)

    def desired(self, known: Known) -> Thing:
        return Thing(self.settings.size)

    def observe(self, known: Known) -> Observed | None:
        return self.cloud.things.get(self.meta.id)

    def apply(self, want: Thing, have: Observed | None, changes: Changes) -> None:
        self.cloud.write("fake", "PutThing", Name=self.meta.id, Size=want.size)
        self.cloud.clock.time += 0.5
        self.cloud.things[self.meta.id] = Observed(want, {"name": self.settings.name})

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        status = self.cloud.checks.get(self.meta.id, Status.PASSED)
        hint = "" if status is Status.PASSED else "look at it"
        yield Check(f"{self.meta.id}.size", status, f"size {have.spec.size}", hint, self.meta.plan_line)

    def remove(self, have: Observed, known: Known) -> None:
        self.cloud.write("fake", "DeleteThing", Name=self.meta.id)
        self.cloud.things.pop(self.meta.id, None)

    def retained(self, have: Observed, consent: frozenset[str]) -> str:
        return "holds data" if self.meta.id == "store" and have.spec.size > 2 else ""


_CLICKS = Clicks("confirm the mail from AWS", "https://example.com/inbox", ("open the mail", "click on Confirm"))


def _mail(meta: Meta, settings: Any, context: Context) -> ThingStep:
    return ThingStep(meta, context.cloud, settings, Traits(clicks=_CLICKS))  # type: ignore[arg-type]


def _thing(meta: Meta, settings: Any, context: Context) -> ThingStep:
    return ThingStep(meta, context.cloud, settings)  # type: ignore[arg-type]


REGISTRY: Mapping[str, Kind] = {"thing": Kind(ThingSettings, _thing), "mail": Kind(ThingSettings, _mail)}


@contextmanager
def interrupted_at(cloud: FakeCloud, step: str) -> Iterator[None]:
    """The operator interrupts before the write of `step`."""
    cloud.fail[step] = Interrupted("interrupted before fake:PutThing")
    yield
    del cloud.fail[step]
