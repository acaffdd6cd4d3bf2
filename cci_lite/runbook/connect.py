"""From references to edges, and what edges may not be. May import engine.graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cci_lite.engine.graph import CycleError, ordered
from cci_lite.runbook.drafts import Draft
from cci_lite.runbook.model import Phase
from cci_lite.runbook.problems import nearest
from cci_lite.runbook.references import Reference, references
from cci_lite.runbook.source import Path_, Source
from cci_lite.steps.kind import Refers


def connect(source: Source, drafts: Sequence[Draft], phases: Sequence[Phase]) -> None:
    """Fill in `needs`, `reads` and `whole` of every draft; complaints go to the source.

    While two steps have one id, nothing is said of references: most of them would only be wrong for that.
    """
    by_id, named = _by_id(source, drafts), [each for each in drafts if each.id]
    if len(by_id) < len(named):
        return
    for each in drafts:
        if each.row is not None:
            for found in references(each.row.settings, each.own):
                _refer(source, each, found, by_id, phases)
        if each.part is not None:
            for index, target in enumerate(each.part.after):
                _refer(source, each, Reference(("after", index), target, Refers(())), by_id, phases)
    _refuse_circles(source, by_id)
    _refuse_twins(source, drafts)
    _add_stops(drafts, phases)


def _by_id(source: Source, drafts: Iterable[Draft]) -> dict[str, Draft]:
    found: dict[str, Draft] = {}
    for each in drafts:
        if each.id in found:
            first = source.line(*found[each.id].path, "id")
            source.refuse((*each.path, "id"), f"the step id `{each.id}` is taken, first in line {first}")
        elif each.id:
            found[each.id] = each
    return found


def _refer(source: Source, draft: Draft, found: Reference, by_id: Mapping[str, Draft], phases: Sequence[Phase]) -> None:
    """`Refers(())` takes any kind: that is `after`."""
    at, says = (*draft.path, *found.place), f"`{found.setting}` in {_called(draft)} names `{found.target}`"
    fitting = [name for name, each in by_id.items() if not found.refers.kinds or each.kind in found.refers.kinds]
    target = by_id.get(found.target)
    if target is None:
        source.refuse(at, f"{says}, but there is no such step", nearest(found.target, fitting))
    elif found.target not in fitting:
        if target.row is not None:
            wanted = " or ".join(f"`{each}`" for each in found.refers.kinds)
            reason = f"{says}, which is of kind `{target.kind}`, not {wanted}"
            source.refuse(at, reason, nearest(found.target, fitting))
    elif phases[draft.phase].enabled and not phases[target.phase].enabled:
        number = phases[target.phase].number
        source.refuse(at, f"{says}, which is in phase {number}, and that is off", "enable it, or turn this one off too")
    elif found.refers.order:
        _need(source, draft, target, found, at)


def _need(source: Source, draft: Draft, target: Draft, found: Reference, at: Path_) -> None:
    if target.phase > draft.phase:
        reason = f"`{found.setting}` in {_called(draft)} needs `{target.id}` of a later phase"
        source.refuse(at, reason, "move one of them: a phase may only need earlier ones")
        return
    draft.needs.add(target.id)
    if found.refers.facts:
        draft.reads.add(target.id)
    if found.refers.whole:
        draft.whole = target.id


def _called(draft: Draft) -> str:
    return f"step `{draft.id}`" if draft.id else "a step without an id"


def _refuse_circles(source: Source, by_id: Mapping[str, Draft]) -> None:
    """One complaint a circle: each one found is cut open before the next is looked for."""
    needs = {name: set(each.needs) for name, each in by_id.items()}
    while True:
        try:
            ordered({name: frozenset(each) for name, each in needs.items()})
            return
        except CycleError as error:
            circle = error.members
            source.refuse(by_id[circle[0]].path, f"steps wait for each other: {error}", "take out one of these edges")
            needs[circle[0]].discard(circle[1])


def _refuse_twins(source: Source, drafts: Iterable[Draft]) -> None:
    """Two steps that would fight over one thing."""
    seen: dict[tuple[str, str], Draft] = {}
    for each in drafts:
        first = seen.setdefault((each.kind, each.name), each)
        if each.name and each.row is not None and first is not each:
            line = source.line(*first.path, "name")
            reason = f"`name` in {_called(each)}: {_called(first)} in line {line} manages the same {each.kind}"
            source.refuse((*each.path, "name"), reason, "give one of them another name, or remove it")


def _add_stops(drafts: Sequence[Draft], phases: Sequence[Phase]) -> None:
    """The plan's STOP: everything later needs everything before it."""
    for each in drafts:
        stops = {index for index, phase in enumerate(phases) if phase.stop and phase.enabled}
        each.needs |= {other.id for other in drafts if other.phase < each.phase and other.phase in stops}
