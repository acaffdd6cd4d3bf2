"""Taking steps down in reverse order, without touching what is not ours. May import engine.* only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import cast

from cci_lite.engine.clock import Interrupted, Patience
from cci_lite.engine.events import StepFinished, StepStarted, StepWaiting
from cci_lite.engine.graph import Graph, walk
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Blocked, Container, Known, Observed, Step
from cci_lite.engine.outcome import Outcome
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
    """The whole teardown, in the order it would be carried out (what depends on others first)."""

    items: tuple[Removal, ...]
    known: Known

    @property
    def pending(self) -> tuple[Removal, ...]:
        return tuple(each for each in self.items if each.action in ("remove", "release"))

    @property
    def retained(self) -> tuple[Removal, ...]:
        return tuple(each for each in self.items if each.action == "retain")


def plan_removal(graph: Graph, selected: Iterable[str], *, consent: frozenset[str], jobs: int) -> Removals:
    """Observe the selected steps and what needs them; decide which go and which must stay, and why. Only reads."""
    relevant = graph.descendants(selected)
    facts = graph.ancestors(relevant)
    order = [each for each in graph.ids() if each in facts]
    steps = {each: graph[each] for each in order}
    known = Known()
    seen = walk(
        order, {each: steps[each].meta.reads for each in order}, lambda each: _look(steps[each], known), jobs=jobs
    )
    removals: dict[str, Removal] = {}
    for each in order:
        if each in relevant:
            removals[each] = _decide(steps[each], seen[each], removals, consent)
    _retain_what_is_needed(removals)
    return Removals(tuple(reversed(removals.values())), known)


def _look(step: Step, known: Known) -> Observed | Blocked | None:
    """What is there, or why no run may touch it; a refusal by AWS ends the planning."""
    try:
        have = step.observe(known)
    except Blocked as block:
        return block
    known.learn(step.meta.id, have)
    return have


def _decide(
    step: Step, have: Observed | Blocked | None, earlier: Mapping[str, Removal], consent: frozenset[str]
) -> Removal:
    if isinstance(have, Blocked):
        return Removal(step, "retain", str(have), None)
    if have is None:
        return Removal(step, "absent", "not there", None)
    if step.traits.clicks and not have.owned:
        return Removal(step, "absent", "a person's doing: nothing of ours", None)
    guarded = earlier.get(step.traits.guards)
    if guarded and guarded.action == "retain":
        return Removal(step, "retain", f"protects `{step.traits.guards}`, which stays", have)
    reason = cast(Container, step).retained(have, consent) if hasattr(step, "retained") else ""
    if reason:
        return Removal(step, "retain", reason, have)
    if not have.owned:
        return Removal(step, "release", "not made by cci-lite: it stays, only what is ours in it goes", have)
    if have.stays:
        return Removal(step, "release", have.stays, have)
    return Removal(step, "remove", "made by cci-lite", have)


def _retain_what_is_needed(removals: dict[str, Removal]) -> None:
    """A thing that stays keeps what it needs: a bucket with data is worthless without its key."""
    for each in reversed(list(removals)):
        if removals[each].action != "retain":
            continue
        for need in removals[each].step.meta.needs & removals.keys():
            if removals[need].action in ("remove", "release"):
                reason = f"`{each}` stays and needs it"
                removals[need] = replace(removals[need], action="retain", reason=reason)


def teardown(removals: Removals, hands: Hands) -> tuple[Outcome, ...]:
    """Carry out `removals`; each thing is looked at again right before it goes, and until it is gone.

    A thing stays when something that still needs it could not be removed. A rerun finishes what was cut off.
    """
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
        outcomes[each] = _take_down(items[each], after[each], outcomes, removals.known, hands)
        return outcomes[each]

    walk(order, after, work, jobs=hands.jobs, documents=documents, stopped=hands.stopped)
    return tuple(outcomes[each] for each in items if each in outcomes)


def _take_down(
    item: Removal, dependents: frozenset[str], outcomes: Mapping[str, Outcome], known: Known, hands: Hands
) -> Outcome:
    step, began = item.step, hands.clock.now()
    hands.tell(StepStarted(step.meta.id))
    bad = next(
        (outcomes[each] for each in sorted(dependents) if outcomes[each].result in ("failed", "interrupted")), None
    )
    try:
        with hands.inside(step.meta.id):
            outcome = _skipped(step, bad) if bad else _remove(item, known, hands)
    except Interrupted as error:
        outcome = Outcome(step.meta.id, "interrupted", str(error), error=error)
    except Exception as error:  # the boundary between one step and its siblings: kept whole in the outcome
        outcome = Outcome(step.meta.id, "failed", str(error), error=error)
    seconds = hands.clock.now() - began
    hands.tell(StepFinished(step.meta.id, outcome.result, outcome.reason, seconds, error=outcome.error))
    return outcome


def _skipped(step: Step, bad: Outcome) -> Outcome:
    return Outcome(step.meta.id, "skipped", f"`{bad.step}` could not be removed: {bad.reason}")


def _remove(item: Removal, known: Known, hands: Hands) -> Outcome:
    step = item.step
    have = step.observe(known)
    if have is None:
        return Outcome(step.meta.id, "absent", "already gone")
    step.remove(have, known)
    if item.action == "release":
        return Outcome(step.meta.id, "released", item.reason)
    for waited in Patience(hands.clock, step.traits.settle_s):
        with hands.unlikely():
            gone = step.observe(known) is None
        if gone:
            return Outcome(step.meta.id, "removed", item.reason)
        hands.tell(StepWaiting(step.meta.id, "AWS to show that it is gone", waited))
    raise Unsettled(f"still there {step.traits.settle_s:.0f} s after it was removed")
