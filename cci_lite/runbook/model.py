"""A runbook as typed values. May import engine.model and steps.kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cci_lite.engine.model import Meta
from cci_lite.steps.kind import Settings, Tenant


@dataclass(frozen=True)
class Entry:
    """One step of the runbook: where it stands, its kind's settings, its line in the file."""

    meta: Meta
    settings: Settings
    line: int


@dataclass(frozen=True)
class Phase:
    """stop: the plan's STOP sentence, "" when the next phase may begin with what it needs; enabled: whether its steps
    are steps at all; opt_in: what has to be weighed before it is enabled; line: where it stands in the file."""

    number: int
    title: str
    stop: str
    enabled: bool = True
    opt_in: str = ""
    line: int = field(default=0, compare=False)

    @property
    def off(self) -> str:
        """Why nothing of it is made, and how that is changed; "" while it is enabled."""
        if self.enabled:
            return ""
        why = f": {self.opt_in}" if self.opt_in else ""
        return f"Phase {self.number} is off{why}; to turn it on, set `enabled: true` in line {self.line} of the runbook"


@dataclass(frozen=True)
class Risk:
    """What a refusal of AWS means here. Empty service or contains match anything."""

    service: str
    code: str
    contains: str
    reason: str
    hint: str


@dataclass(frozen=True)
class Runbook:
    """account: 12 digits, or None while nobody pinned it; entries: the steps of enabled phases; off: those of phases
    that are off, which are checked like the others and never built."""

    path: Path
    account: str | None
    region: str
    tags: Mapping[str, str]
    tenants: Mapping[str, Tenant]
    phases: tuple[Phase, ...]
    entries: tuple[Entry, ...]
    risks: tuple[Risk, ...]
    off: tuple[Entry, ...] = ()
