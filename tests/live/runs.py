"""A live run: its id, its names, its copy of the runbook. Pure values; imports nothing of cci_lite.

The id carries the time, so that what a lost run left behind can be told by age from its tag alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

TAG = "cci-lite-live-run"
_FORM = "%y%m%d%H%M"
_ID = re.compile(r"^\d{10}[0-9a-f]{4}$")
# Settings whose value is a name of ours. Texts, patterns and references between steps stay as they are.
_NAMES = frozenset({"alias", "config_path", "name", "path"})
# Its confirmation is a click in a mail, which no test can make.
_LEFT_OUT = frozenset({"alarm-email"})


@dataclass(frozen=True)
class Run:
    """One run. `id`: ten digits of its UTC minute, and four hexadecimal ones at random."""

    id: str

    def __post_init__(self) -> None:
        if not _ID.match(self.id):
            raise ValueError(f"{self.id!r} is no id of a live run")

    @property
    def begun(self) -> datetime:
        return datetime.strptime(self.id[:10], _FORM).replace(tzinfo=UTC)

    def named(self, text: str) -> str:
        """A name of the shipped runbook, as this run calls it."""
        return text.replace("cci-lite", f"cci-lite-{self.id}", 1)


def begin(now: datetime, random: bytes) -> Run:
    """A new run's id, from the clock and two random bytes."""
    return Run(now.astimezone(UTC).strftime(_FORM) + random[:2].hex())


def known(tags: Mapping[str, str]) -> Run | None:
    """The run that made a thing with these tags. None: no live run did, so that it is nobody's to remove."""
    value = tags.get(TAG, "")
    return Run(value) if _ID.match(value) else None


def runbook_of(run: Run, shipped: Mapping[str, Any]) -> dict[str, Any]:
    """The shipped runbook (as YAML gives it) with this run's names and tag, without the step that needs a person."""
    phases = [{**each, "steps": _steps(run, each["steps"])} for each in shipped["phases"]]
    return {**shipped, "tags": {**shipped["tags"], TAG: run.id}, "phases": phases}


def _steps(run: Run, steps: list[Any]) -> list[dict[str, Any]]:
    return [
        {key: run.named(value) if key in _NAMES else value for key, value in each.items()}
        for each in steps
        if each["id"] not in _LEFT_OUT
    ]
