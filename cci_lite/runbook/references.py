"""References between steps: settings that name other steps become edges. May import steps.kind and engine.graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from cci_lite.runbook.problems import nearest
from cci_lite.runbook.source import Path_, Source, is_list
from cci_lite.steps.kind import Refers, Settings


@dataclass(frozen=True)
class Reference:
    """`setting` of a step names the step `target`."""

    setting: str
    target: str
    refers: Refers


def references(settings: Settings) -> Iterator[Reference]:
    """Every reference a kind's settings hold."""
    for name, field in type(settings).model_fields.items():
        refers = next(_marks([*field.metadata, field.annotation]), None)
        value = getattr(settings, name)
        if refers is None or value is None:
            continue
        for target in value if is_list(value) else (value,):
            yield Reference(name, target, refers)


def check(source: Source, path: Path_, step: str, found: Reference, kinds: Mapping[str, str]) -> bool:
    """Whether the target exists and is of a kind that may stand there; the source is told otherwise."""
    at = (*path, found.setting)
    if found.target not in kinds:
        hint = nearest(found.target, (each for each, kind in kinds.items() if kind in found.refers.kinds))
        source.refuse(at, f"`{found.setting}` of step `{step}` names `{found.target}`, which is no step", hint)
        return False
    if kinds[found.target] not in found.refers.kinds:
        wanted = " or ".join(found.refers.kinds)
        hint = nearest(found.target, (each for each, kind in kinds.items() if kind in found.refers.kinds))
        reason = f"`{found.setting}` of step `{step}` names `{found.target}`, a {kinds[found.target]}, not a {wanted}"
        source.refuse(at, reason, hint)
        return False
    return True


def _marks(parts: list[Any]) -> Iterator[Refers]:
    """The mark may sit on the field, on a member of its union, or on a tuple's items."""
    for each in parts:
        if isinstance(each, Refers):
            yield each
        elif each is not None:
            yield from _marks([*getattr(each, "__metadata__", ()), *get_args(each)])
