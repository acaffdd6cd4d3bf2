"""Phases and steps as they stand in the file, each checked by itself. May import steps.kind.

A step with mistakes stays a draft, so that references to it and from it are still checked.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cci_lite.runbook.model import Phase
from cci_lite.runbook.problems import nearest
from cci_lite.runbook.shapes import PhasePart, StepPart, checked, keys
from cci_lite.runbook.source import Path_, Source
from cci_lite.steps.kind import Kind, Settings

#: What Site.fill knows.
_PLACEHOLDERS = ("account", "region", "partition")
_COMMON = keys(StepPart)


@dataclass
class Draft:
    """A step that has been read but not yet connected.

    `phase` counts the phases of the file from 0; part and settings are None after a complaint; row is None when
    the kind is unknown; own: the kind's settings as written.
    """

    path: Path_
    id: str
    kind: str
    phase: int
    row: Kind | None
    own: Mapping[str, Any]
    part: StepPart | None = None
    settings: Settings | None = None
    needs: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    whole: str = ""

    @property
    def name(self) -> str:
        """The AWS name written in the file, "" when there is none."""
        found = self.own.get("name")
        return found if isinstance(found, str) else ""


def read_phases(source: Source, registry: Mapping[str, Kind]) -> tuple[list[Phase], list[Draft]]:
    """All phases and steps of the file; complaints go to the source."""
    phases: list[Phase] = []
    drafts: list[Draft] = []
    numbers: dict[int, int] = {}
    for index, data in enumerate(source.items("phases")):
        path = ("phases", index)
        part = checked(source, path, PhasePart, data, _phase_name(index, data))
        phases.append(_phase(part, source.line(*path, "enabled")) if part else Phase(0, "", ""))
        if part:
            _check_number(source, path, part.phase, numbers)
        if isinstance(data, Mapping):
            for place, step in enumerate(source.items(*path, "steps")):
                where = f"step {place + 1} of {_phase_name(index, data)}"
                drafts.append(_draft(source, (*path, "steps", place), step, where, index, registry))
    return phases, drafts


def _phase(part: PhasePart, line: int) -> Phase:
    return Phase(part.phase, part.title, part.stop, part.enabled, part.opt_in, line)


def _phase_name(index: int, data: Any) -> str:
    number = data.get("phase") if isinstance(data, Mapping) else None
    return f"phase {number}" if type(number) is int else f"the phase at place {index + 1}"


def _check_number(source: Source, path: Path_, number: int, numbers: dict[int, int]) -> None:
    at, before = (*path, "phase"), max(numbers, default=0)
    if number in numbers:
        source.refuse(at, f"phase {number} is given twice, first in line {numbers[number]}")
    elif not numbers and number != 1:
        source.refuse(at, f"the first phase is {number}", "phases begin with 1")
    elif number < before:
        source.refuse(at, f"phase {number} comes after phase {before}", "put the phases in ascending order")
    numbers.setdefault(number, source.line(*at))


def _draft(source: Source, path: Path_, data: Any, where: str, phase: int, registry: Mapping[str, Kind]) -> Draft:
    given = data if isinstance(data, Mapping) else {}
    step, kind = _text(given, "id"), _text(given, "kind")
    where = f"step `{step}`" if step else where
    own = {key: value for key, value in given.items() if key not in _COMMON}
    draft = Draft(path, step, kind, phase, registry.get(kind), own)
    shared = {key: given[key] for key in given if key in _COMMON} if isinstance(data, Mapping) else data
    draft.part = checked(source, path, StepPart, shared, where)
    if draft.row is not None:
        draft.settings = checked(source, path, draft.row.settings, own, where, beside=_COMMON)
        _check_placeholders(source, draft, where)
    elif kind:
        source.refuse((*path, "kind"), f"unknown kind `{kind}` in {where}", nearest(kind, registry))
    return draft


def _check_placeholders(source: Source, draft: Draft, where: str) -> None:
    """A wrong placeholder would otherwise be found only when the step is built."""
    try:
        found = [each for _, each, _, _ in string.Formatter().parse(draft.name) if each is not None]
    except ValueError:
        source.refuse((*draft.path, "name"), f"`name` in {where} has a brace without its partner")
        return
    for each in found:
        if each not in _PLACEHOLDERS:
            reason = f"`name` in {where} has the unknown placeholder `{{{each}}}`"
            source.refuse((*draft.path, "name"), reason, nearest(each, _PLACEHOLDERS))


def _text(data: Mapping[str, Any], key: str) -> str:
    found = data.get(key)
    return found if isinstance(found, str) else ""
