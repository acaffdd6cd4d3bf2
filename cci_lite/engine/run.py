"""Bringing steps to their desired state, and taking them down. May import engine.* only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cci_lite.engine.clock import Clock, Interrupted, Patience
from cci_lite.engine.diff import diff
from cci_lite.engine.events import Event, Listener, StepFinished, StepStarted, StepWaiting
from cci_lite.engine.graph import Graph, walk
from cci_lite.engine.model import Action, Changes, Check, Known, Observed, Status, Step
from cci_lite.engine.plan import Plan, decide


class Unsettled(Exception):
    """AWS accepted the write but did not show it within the deadline."""


@dataclass(frozen=True)
class Hands:
    """What a run works with. `stopped` turns true when the operator interrupts."""

    clock: Clock
    tell: Listener
    jobs: int = 8
    stopped: Callable[[], bool] = lambda: False
    inside: Callable[[str], Any] = lambda step: _Nothing()


class _Nothing:
    def __enter__(self) -> None: ...
    def __exit__(self, *exc: object) -> None: ...


@dataclass(frozen=True)
class Outcome:
    """How a step ended. `result` as in events.StepFinished."""

    step: str
    result: str
    reason: str = ""
    checks: tuple[Check, ...] = ()
    error: Exception | None = None

    @property
    def good(self) -> bool:
        return self.result in ("created", "updated", "kept", "removed", "released", "absent")


@dataclass
class _Progress:
    known: Known
    outcomes: dict[str, Outcome] = field(default_factory=dict)


def provision(graph: Graph, plan: Plan, hands: Hands) -> tuple[Outcome, ...]:
    """Apply every pending step of `plan`, in order, each decided anew right before it is touched.

    A failure skips only what needs the failed step. Never raises for a step's own failure; raises
    nothing on interruption either: steps not begun are simply missing from the result.
    """
    steps = {each.step.meta.id: each.step for each in plan.decisions}
    progress = _Progress(plan.known)
    for each in (*plan.context, *plan.decisions):
        if each.action not in (Action.CREATE, Action.UPDATE):
            progress.outcomes[each.step.meta.id] = _standing(each.action, each.step.meta.id, each.reason)
    todo = [each.step.meta.id for each in plan.pending]
    person = [each for each in plan.decisions if each.action is Action.BLOCKED and each.person]
    todo += [each.step.meta.id for each in person]
    order = [each for each in graph.ids() if each in todo]
    for each in person:
        progress.outcomes.pop(each.step.meta.id, None)
    after = {each: steps[each].meta.needs for each in order}
    documents = {each: steps[each].traits.document for each in order}
    walk(
        order,
        after,
        lambda each: _told(each, hands, lambda: _bring(steps[each], progress, hands), progress),
        jobs=hands.jobs,
        documents=documents,
        stopped=hands.stopped,
    )
    chosen = [each for each in graph.ids() if each in steps]
    return tuple(progress.outcomes[each] for each in chosen if each in progress.outcomes)


def settle(step: Step, want: Any, known: Known, hands: Hands) -> Observed:
    """Wait until AWS shows `want`, as many times in a row as the kind asks. Raises Unsettled with what differs."""
    good, seen, left = 0, None, Changes()
    for waited in Patience(hands.clock, step.traits.settle_s):
        seen = step.observe(known)
        left = diff(seen.spec, want) if seen else Changes()
        good = good + 1 if seen is not None and not left else 0
        if seen is not None and good >= step.traits.settle_reads:
            known.learn(step.meta.id, seen)
            return seen
        hands.tell(StepWaiting(step.meta.id, "AWS to show what was written", waited))
    raise Unsettled(_unsettled(seen, left, step.traits.settle_s))


def _unsettled(seen: Observed | None, left: Changes, deadline: float) -> str:
    if seen is None:
        return f"still absent {deadline:.0f} s after it was written"
    wrong = "; ".join(f"{each.path} is {each.have!r}, wanted {each.want!r}" for each in left)
    return f"still differs {deadline:.0f} s after it was written: {wrong}"


def _standing(action: Action, step: str, reason: str) -> Outcome:
    names = {Action.KEEP: "kept", Action.OPERATOR: "operator"}
    return Outcome(step, names.get(action, "blocked"), reason)


def _told(step: str, hands: Hands, work: Callable[[], Outcome], progress: _Progress) -> Outcome:
    """Run one step's work with its events around it; its own failure becomes an outcome."""
    began = hands.clock.now()
    hands.tell(StepStarted(step))
    try:
        with hands.inside(step):
            outcome = work()
    except Interrupted as error:
        outcome = Outcome(step, "interrupted", str(error), error=error)
    except Exception as error:  # the one boundary between a step and its siblings: kept whole in the outcome
        outcome = Outcome(step, "failed", str(error), error=error)
    progress.outcomes[step] = outcome
    hands.tell(_finished(outcome, hands.clock.now() - began))
    return outcome


def _finished(outcome: Outcome, seconds: float) -> Event:
    return StepFinished(outcome.step, outcome.result, outcome.reason, seconds, outcome.checks, outcome.error)


def _bring(step: Step, progress: _Progress, hands: Hands) -> Outcome:
    bad = _first_bad(step.meta.needs, progress.outcomes)
    if bad:
        word = "blocked" if bad.result in ("blocked", "operator") else "skipped"
        root = bad.reason if bad.reason.startswith("waits for `") else f"waits for `{bad.step}`: {bad.reason}"
        return Outcome(step.meta.id, word, root)
    decision = decide(step, progress.known)
    if decision.action not in (Action.CREATE, Action.UPDATE):
        return _standing(decision.action, step.meta.id, decision.reason)
    want = step.desired(progress.known)
    step.apply(want, decision.observed, decision.changes)
    have = settle(step, want, progress.known, hands)
    if have.waiting_for:
        return Outcome(step.meta.id, "operator", have.waiting_for)
    checks = tuple(step.validate(have, progress.known))
    failed = next((each for each in checks if each.status is Status.FAILED), None)
    if failed:
        return Outcome(step.meta.id, "invalid", f"{failed.id}: {failed.evidence}", checks)
    return Outcome(step.meta.id, f"{decision.action}d", decision.reason, checks)


def _first_bad(needs: Iterable[str], outcomes: Mapping[str, Outcome]) -> Outcome | None:
    missing = (outcomes.get(each, Outcome(each, "skipped", "not reached")) for each in sorted(needs))
    return next((each for each in missing if not each.good), None)
