"""runbook.yaml -> Runbook. Refuses whatever is not understood, all of it at once, before any AWS call.

May import steps.kind and engine.*; never aws.* or boto3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cci_lite.engine.graph import CycleError, ordered
from cci_lite.engine.model import Meta
from cci_lite.runbook.model import Entry, Phase, Risk, Runbook
from cci_lite.runbook.problems import nearest
from cci_lite.runbook.references import check, references
from cci_lite.runbook.shapes import Head, PhasePart, RiskPart, StepPart, checked
from cci_lite.runbook.source import Path_, Source, read
from cci_lite.steps.kind import Kind, Settings, Tenant

SCHEMA = "cci-lite/runbook/1"
_TENANT = re.compile(r"^[a-z0-9][a-z0-9-]{1,40}$")
_RESERVED = ("tmp", "athena-results")
#: A bucket has at most 100 notifications (aws-facts 7); some room is left for others.
_MOST_TENANTS = 90
_TAG = re.compile(r"^[\w\s+\-=.:/@]*$")


@dataclass
class _Draft:
    """A step that has been read but not yet connected."""

    part: StepPart
    settings: Settings
    phase: int
    path: Path_
    needs: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)


def load(path: Path, registry: Mapping[str, Kind]) -> Runbook:
    """Raises RunbookError with every problem found. Makes no AWS call."""
    source = read(path)
    _expect_schema(source)
    head = checked(source, (), Head, source.data, "the runbook")
    if head is None:
        source.stop_at_problems()
        raise AssertionError("a head that is refused comes with a reason")
    _check_tags(source, head.tags)
    tenants = _tenants(source, head.tenants)
    phases, drafts = _phases(source, head.phases, registry)
    source.stop_at_problems()
    _connect(source, drafts, {each.number: each for each in phases})
    source.stop_at_problems()
    risks = _risks(source, head.risks)
    source.stop_at_problems()
    entries = tuple(_entry(source, each) for each in drafts.values())
    return Runbook(path, head.account, head.region, head.tags, tenants, phases, entries, risks)


def _expect_schema(source: Source) -> None:
    found = source.data.get("schema")
    if found != SCHEMA:
        source.refuse(("schema",), f"`schema` is {found!r}, this cci-lite reads {SCHEMA!r}", f"write schema: {SCHEMA}")
        source.stop_at_problems()


def _check_tags(source: Source, tags: Mapping[str, str]) -> None:
    if len(tags) > 40:
        source.refuse(("tags",), f"{len(tags)} tags are too many: AWS takes 50, ours included")
    for key, value in tags.items():
        at = ("tags", key)
        if key.lower().startswith(("aws:", "cci-lite:")):
            source.refuse(at, f"the tag `{key}` is reserved", "choose a key without the prefix `aws:` or `cci-lite:`")
        if not 1 <= len(key) <= 128 or len(value) > 256 or not _TAG.match(key + value):
            source.refuse(at, f"the tag `{key}` is no tag AWS accepts: letters, digits, spaces and + - = . _ : / @")


def _tenants(source: Source, given: Mapping[str, Any]) -> dict[str, Tenant]:
    if not 1 <= len(given) <= _MOST_TENANTS:
        source.refuse(("tenants",), f"there must be 1 to {_MOST_TENANTS} tenants, not {len(given)}")
    found: dict[str, Tenant] = {}
    for name, data in given.items():
        at = ("tenants", name)
        if name in _RESERVED:
            source.refuse(at, f"the tenant name `{name}` is reserved", f"reserved are {', '.join(_RESERVED)}")
        elif not _TENANT.match(name):
            source.refuse(at, f"the tenant name `{name}` must match {_TENANT.pattern}")
        tenant = checked(source, at, Tenant, data, f"tenant `{name}`")
        if tenant is not None:
            found[name] = tenant
    return found


def _phases(
    source: Source, given: list[Any], registry: Mapping[str, Kind]
) -> tuple[tuple[Phase, ...], dict[str, _Draft]]:
    phases: list[Phase] = []
    drafts: dict[str, _Draft] = {}
    for index, data in enumerate(given):
        part = checked(source, ("phases", index), PhasePart, data, f"phase number {index + 1} of the file")
        if part is None:
            continue
        if phases and part.phase <= phases[-1].number:
            reason = f"phase {part.phase} comes after phase {phases[-1].number}; phases ascend"
            source.refuse(("phases", index, "phase"), reason)
        phases.append(Phase(part.phase, part.title, part.stop))
        for place, step in enumerate(part.steps):
            _draft(source, ("phases", index, "steps", place), step, part.phase, registry, drafts)
    return tuple(phases), drafts


def _draft(
    source: Source,
    path: Path_,
    data: Any,
    phase: int,
    registry: Mapping[str, Kind],
    drafts: dict[str, _Draft],
) -> None:
    common = set(StepPart.model_fields)
    shared = {key: value for key, value in data.items() if key in common} if isinstance(data, Mapping) else data
    name = shared.get("id", "?") if isinstance(shared, Mapping) else "?"
    part = checked(source, path, StepPart, shared, f"step `{name}`")
    if part is None:
        return
    kind = registry.get(part.kind)
    if kind is None:
        reason = f"step `{part.id}` is of the unknown kind `{part.kind}`"
        source.refuse((*path, "kind"), reason, nearest(part.kind, registry))
        return
    if part.id in drafts:
        first = source.line(*drafts[part.id].path, "id")
        source.refuse((*path, "id"), f"the step id `{part.id}` is taken, first in line {first}")
        return
    own = {key: value for key, value in data.items() if key not in common}
    settings = checked(source, path, kind.settings, own, f"step `{part.id}` ({part.kind})")
    if settings is not None:
        drafts[part.id] = _Draft(part, settings, phase, path)


def _connect(source: Source, drafts: dict[str, _Draft], phases: Mapping[int, Phase]) -> None:
    kinds = {name: each.part.kind for name, each in drafts.items()}
    for name, each in drafts.items():
        for found in references(each.settings):
            if check(source, each.path, name, found, kinds) and found.refers.order:
                each.needs.add(found.target)
                each.reads |= {found.target} if found.refers.facts else set()
        for target in each.part.after:
            if target in drafts:
                each.needs.add(target)
            else:
                reason = f"`after` of step `{name}` names `{target}`, which is no step"
                source.refuse((*each.path, "after"), reason, nearest(target, drafts))
        for target in sorted(each.needs & drafts.keys()):
            if drafts[target].phase > each.phase:
                reason = f"step `{name}` of phase {each.phase} needs `{target}` of phase {drafts[target].phase}"
                source.refuse(each.path, reason, "move one of them: a phase may only need earlier ones")
    _add_stops(drafts, phases)
    _refuse_circles(source, drafts)
    _refuse_twins(source, drafts)


def _add_stops(drafts: Mapping[str, _Draft], phases: Mapping[int, Phase]) -> None:
    """The plan's STOP: everything later needs everything before it."""
    for each in drafts.values():
        each.needs |= {name for name, other in drafts.items() if other.phase < each.phase and phases[other.phase].stop}


def _refuse_circles(source: Source, drafts: Mapping[str, _Draft]) -> None:
    if source.problems:
        return
    try:
        ordered({name: frozenset(each.needs) for name, each in drafts.items()})
    except CycleError as error:
        first = drafts[error.members[0]]
        source.refuse(first.path, f"steps wait for each other: {error}", "take out one of these references")


def _refuse_twins(source: Source, drafts: Mapping[str, _Draft]) -> None:
    """Two steps that would fight over one thing."""
    seen: dict[tuple[str, str], str] = {}
    for name, each in drafts.items():
        thing = (each.part.kind, str(getattr(each.settings, "name", f"(step {name})")))
        if thing in seen:
            reason = f"steps `{seen[thing]}` and `{name}` both manage the {thing[0]} `{thing[1]}`"
            source.refuse((*each.path, "name"), reason, "give one of them another name, or remove it")
        seen.setdefault(thing, name)


def _risks(source: Source, given: list[Any]) -> tuple[Risk, ...]:
    parts = (
        checked(source, ("risks", index), RiskPart, data, f"risk number {index + 1}")
        for index, data in enumerate(given)
    )
    return tuple(Risk(each.service, each.code, each.contains, each.reason, each.hint) for each in parts if each)


def _entry(source: Source, draft: _Draft) -> Entry:
    part = draft.part
    meta = Meta(
        part.id,
        part.kind,
        draft.phase,
        part.title,
        frozenset(draft.needs),
        frozenset(draft.reads),
        part.plan,
        part.adopt,
    )
    return Entry(meta, draft.settings, source.line(*draft.path))
