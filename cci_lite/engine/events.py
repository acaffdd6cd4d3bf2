"""What a run tells while it works. May import engine.model only; who listens decides how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cci_lite.engine.model import Check


@dataclass(frozen=True)
class RunStarted:
    """A run that may write has begun on these steps, in runbook order."""

    run: str
    command: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class StepStarted:
    """A step is being decided and applied (or removed)."""

    step: str


@dataclass(frozen=True)
class StepWaiting:
    """A step waits, for `what`, since `waited_s` seconds."""

    step: str
    what: str
    waited_s: float


@dataclass(frozen=True)
class StepDoing:
    """A step makes a call that writes: service and operation."""

    step: str
    call: str


@dataclass(frozen=True)
class StepFinished:
    """`result`: of a provision created, updated, kept, invalid, blocked or operator; of a validation valid, invalid or
    absent; of a teardown removed, released, retained or absent; of each failed, skipped or interrupted."""

    step: str
    result: str
    reason: str = ""
    seconds: float = 0.0
    checks: tuple[Check, ...] = ()
    error: Exception | None = None


Event = RunStarted | StepStarted | StepWaiting | StepDoing | StepFinished
Listener = Callable[[Event], None]
