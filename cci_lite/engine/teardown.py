"""Taking steps down in reverse order, without touching what is not ours. May import engine.* only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from cci_lite.engine.clock import Interrupted, Patience
from cci_lite.engine.events import StepFinished, StepStarted, StepWaiting
from cci_lite.engine.graph import Graph, walk
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Blocked, Closed, Container, Known, Observed, Retained, Step
from cci_lite.engine.outcome import Outcome, first_bad
from cci_lite.engine.settle import Unsettled


@dataclass(frozen=True)
class Removal:
    """What a teardown would do with one step: "remove", "release" (not made by us), "retain" or "absent"."""

    step: Step
    action: str
    reason: str
    observed: Observed | None


@dataclass(frozen=True)
class Removals:
    """The whole teardown, in the order it would be carried out (what depends on others first).

    selected: steps that the operator meant; consent: names of what may be lost with everything in it.
    """

    items: tuple[Removal, ...]
    known: Known
    selected: frozenset[str] = frozenset()
    consent: frozenset[str] = frozenset()

    @property
    def pending(self) -> tuple[Removal, ...]:
        return tuple(each for each in self.items if each.action in ("remove", "release"))

    @property
    def retained(self) -> tuple[Removal, ...]:
        return tuple(each for each in self.items if each.action == "retain")


def plan_removal(graph: Graph, selected: Iterable[str], *, consent: frozenset[str], jobs: int) -> Removals:
    """Observe the selected steps and what needs them; decide which go and which must stay, and why. Only reads.

    What needs a selected step that stays is left alone. A part of what is not there is not asked for.
    """
    chosen = frozenset(selected)
    relevant = graph.descendants(chosen)
    facts = graph.ancestors(relevant)
    order = [each for each in graph.ids() if each in facts]
    steps = {each: graph[each] for each in order}
    known, gone = Known(), set[str]()

    def look(each: str) -> Observed | Blocked | None:
        have = None if steps[each].meta.whole in gone else _look(steps[each], known)
        if have is None:
            gone.add(each)
        return have

    after = {each: steps[each].meta.reads | {steps[each].meta.whole} for each in order}
    seen = walk(order, after, look, jobs=jobs)
    removals = {each: _decide(steps[each], seen[each], consent) for each in order if each in relevant}
    _keep_what_is_needed(removals, chosen)
    meant = chosen | graph.descendants(each for each in chosen if removals[each].action != "retain")
    items = tuple(removals[each] for each in reversed(removals) if each in meant)
    return Removals(items, known, chosen, consent)


def _look(step: Step, known: Known) -> Observed | Blocked | None:
    """What is there, or why no run may touch it; a refusal by AWS ends the planning."""
    try:
        have = _found(step, known)
    except Blocked as block:
        return block
    known.learn(step.meta.id, have)
    return have


def _found(step: Step, known: Known) -> Observed | None:
    """What may not be made is not there."""
    try:
        return step.observe(known)
    except Closed:
        return None


def _decide(step: Step, have: Observed | Blocked | None, consent: frozenset[str]) -> Removal:
    if isinstance(have, Blocked):
        return Removal(step, "retain", str(have), None)
    if have is None:
        return Removal(step, "absent", "not there", None)
    if step.traits.clicks and not have.owned:
        return Removal(step, "absent", "a person's doing: nothing of ours", None)
    if reason := _retained(step, have, consent):
        return Removal(step, "retain", reason, have)
    if not have.owned:
        return Removal(step, "release", "not made by cci-lite: it stays, only what is ours in it goes", have)
    if have.stays:
        return Removal(step, "release", have.stays, have)
    return Removal(step, "remove", "made by cci-lite", have)


def _retained(step: Step, have: Observed, consent: frozenset[str]) -> str:
    return cast(Retained, step).retained(have, consent) if hasattr(step, "retained") else ""


def _keep_what_is_needed(removals: dict[str, Removal], selected: frozenset[str]) -> None:
    """What stays keeps what it needs, and what protects it; these keep theirs, until nothing is added."""
    while kept := {name: why for name, each in removals.items() if (why := _needed(each, removals, selected))}:
        for name, why in kept.items():
            removals[name] = replace(removals[name], action="retain", reason=why)


def _needed(item: Removal, removals: Mapping[str, Removal], selected: frozenset[str]) -> str:
    """Why it has to stay after all: a bucket with data is worthless without its key, and open without its policy."""
    if item.action not in ("remove", "release"):
        return ""
    name, guarded = item.step.meta.id, item.step.traits.guards
    staying = [each for each in removals.values() if each.action == "retain"]
    if holder := next((each for each in staying if name in each.step.meta.needs), None):
        chain = " stays and needs it: " in holder.reason  # the first cause is named, however long the way from there
        return holder.reason if chain else f"`{holder.step.meta.id}` stays and needs it: {holder.reason}"
    stays = removals[guarded].action == "retain" if guarded in removals else bool(guarded) and name not in selected
    return f"protects `{guarded}`, which stays" if stays else ""


def _looked_again(removals: Removals) -> Removals:
    """The same teardown without what has come to hold data since it was planned, and what that needs."""
    items = {each.step.meta.id: each for each in reversed(removals.items)}
    for name, each in items.items():
        if each.action == "remove" and hasattr(each.step, "retained"):
            again = _decide(each.step, _look(each.step, removals.known), removals.consent)
            items[name] = again if again.action == "retain" else each
    _keep_what_is_needed(items, removals.selected)
    return replace(removals, items=tuple(reversed(items.values())))


def teardown(removals: Removals, hands: Hands) -> tuple[Outcome, ...]:
    """Carry out `removals`; each thing is looked at again right before it goes, and until it is gone.

    Whether data has come since is asked before the first thing goes, and again where the data would go. A thing stays
    when something that still needs it could not be removed. A rerun finishes what was cut off.
    """
    removals = _looked_again(removals)
    items = {each.step.meta.id: each for each in removals.items}
    outcomes = {
        each.step.meta.id: Outcome(each.step.meta.id, "retained" if each.action == "retain" else "absent", each.reason)
        for each in removals.items
        if each.action in ("retain", "absent")
    }
    order = [each.step.meta.id for each in removals.pending]
    after = {each: frozenset(other for other in items if each in items[other].step.meta.needs) for each in order}
    documents = {each: items[each].step.traits.document for each in order}

    def work(each: str) -> Outcome:
        outcomes[each] = _take_down(items[each], after[each], outcomes, removals, hands)
        return outcomes[each]

    walk(order, after, work, jobs=hands.jobs, documents=documents, stopped=hands.stopped)
    return tuple(outcomes[each] for each in items if each in outcomes)


def _take_down(
    item: Removal, dependents: frozenset[str], outcomes: Mapping[str, Outcome], removals: Removals, hands: Hands
) -> Outcome:
    step, began = item.step, hands.clock.now()
    hands.tell(StepStarted(step.meta.id))
    bad = first_bad(dependents, outcomes)
    try:
        with hands.inside(step.meta.id):
            outcome = _skipped(step, bad) if bad else _remove(item, removals, hands)
    except Interrupted as error:
        outcome = Outcome(step.meta.id, "interrupted", str(error), error=error)
    except Exception as error:  # the boundary between one step and its siblings: kept whole in the outcome
        outcome = Outcome(step.meta.id, "failed", str(error), error=error)
    seconds = hands.clock.now() - began
    hands.tell(StepFinished(step.meta.id, outcome.result, outcome.reason, seconds, error=outcome.error))
    return outcome


def _skipped(step: Step, bad: Outcome) -> Outcome:
    """The first cause is named, however long the way from there."""
    chain = bad.result == "skipped"
    return Outcome(step.meta.id, "skipped", bad.reason if chain else f"`{bad.step}` could not be removed: {bad.reason}")


def _remove(item: Removal, removals: Removals, hands: Hands) -> Outcome:
    step, known = item.step, removals.known
    have = _found(step, known)
    if have is None:
        return Outcome(step.meta.id, "absent", "already gone")
    if reason := _retained(step, have, removals.consent):
        return Outcome(step.meta.id, "retained", reason)
    if hasattr(step, "empty"):
        cast(Container, step).empty(have, removals.consent)
    step.remove(have, known)
    if item.action == "release":
        return Outcome(step.meta.id, "released", item.reason)
    for waited in Patience(hands.clock, step.traits.settle_s):
        with hands.unlikely():
            gone = _found(step, known) is None
        if gone:
            return Outcome(step.meta.id, "removed", item.reason)
        hands.tell(StepWaiting(step.meta.id, "AWS to show that it is gone", waited))
    raise Unsettled(f"still there {step.traits.settle_s:.0f} s after it was removed")
