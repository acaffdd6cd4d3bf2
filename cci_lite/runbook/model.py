"""A runbook as typed values. May import engine.model and steps.kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
    """stop: the plan's STOP sentence, "" when the next phase may begin with what it needs."""

    number: int
    title: str
    stop: str


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
    """account: 12 digits, or None while nobody pinned it."""

    path: Path
    account: str | None
    region: str
    tags: Mapping[str, str]
    tenants: Mapping[str, Tenant]
    phases: tuple[Phase, ...]
    entries: tuple[Entry, ...]
    risks: tuple[Risk, ...]
