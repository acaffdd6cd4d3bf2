"""Bringing steps to their desired state, and taking them down. May import engine.* only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cci_lite.engine.clock import Clock, Interrupted, Patience
from cci_lite.engine.diff import diff
from cci_lite.engine.events import Listener, StepFinished, StepStarted, StepWaiting
from cci_lite.engine.graph import Graph, walk
from cci_lite.engine.model import Action, Changes, Check, Known, Observed, Status, Step
from cci_lite.engine.plan import Decision, Plan, decide


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


def provision(graph: Graph, plan: Plan, hands: Hands) -> tuple[Outcome, ...]:
    """Apply every pending step of `plan`, in order, each decided anew right before it is touched, and prove it.

    A failure skips only what needs the failed step. Never raises for a step's own failure; raises
    nothing on interruption either: steps not begun are simply missing from the result.
    """
    run = _Run(plan, hands)
    order = [each for each in graph.ids() if each in run.todo]
    proofs = {each: _proof(each) for each in order}
    after: dict[str, frozenset[str]] = {}
    for each in order:
        after[each] = frozenset(proofs[need] for need in run.steps[each].meta.needs if need in proofs)
        after[proofs[each]] = frozenset({each})
    # Only writing needs the document: the next statement of a policy is put while the one before is being proved.
    documents = {each: run.steps[each].traits.document for each in order}
    nodes = [node for each in order for node in (each, proofs[each])]
    walk(nodes, after, run.work, jobs=hands.jobs, documents=documents, stopped=hands.stopped)
    return run.results(graph)


def _proof(step: str) -> str:
    return f"{step} (proof)"


class _Run:
    """The two halves of each step's work, and what has become of all of them so far."""

    def __init__(self, plan: Plan, hands: Hands) -> None:
        self.known, self.hands = plan.known, hands
        self.steps = {each.step.meta.id: each.step for each in plan.decisions}
        self.todo = {each.step.meta.id for each in plan.decisions if _to_try(each)}
        self.began: dict[str, float] = {}
        self.applied: dict[str, tuple[Decision, Observed]] = {}
        self.outcomes: dict[str, Outcome] = {}
        for each in (*plan.context, *plan.decisions):
            if each.step.meta.id not in self.todo:
                self.outcomes[each.step.meta.id] = _standing(each.action, each.step.meta.id, each.reason)

    def work(self, node: str) -> None:
        """Apply a step, or, at its proof's turn, prove it and tell how it ended."""
        if node in self.steps:
            self.began[node] = self.hands.clock.now()
            self.hands.tell(StepStarted(node))
            self._kept_whole(node, self._apply)
            return
        step = node.removesuffix(_proof(""))
        if step not in self.outcomes:
            self._kept_whole(step, self._prove)
        outcome, seconds = self.outcomes[step], self.hands.clock.now() - self.began[step]
        self.hands.tell(StepFinished(step, outcome.result, outcome.reason, seconds, outcome.checks, outcome.error))

    def results(self, graph: Graph) -> tuple[Outcome, ...]:
        """What became of every selected step, in order; what was written but not proved any more is interrupted."""
        for step in self.applied.keys() - self.outcomes.keys():
            self.outcomes[step] = Outcome(step, "interrupted", "written; interrupted before it was proved")
        return tuple(self.outcomes[each] for each in graph.ids() if each in self.steps and each in self.outcomes)

    def _kept_whole(self, step: str, half: Callable[[Step], Outcome | None]) -> None:
        """The one boundary between a step and its siblings: its own failure becomes its outcome."""
        try:
            with self.hands.inside(step):
                outcome = half(self.steps[step])
        except Interrupted as error:
            outcome = Outcome(step, "interrupted", str(error), error=error)
        except Exception as error:
            outcome = Outcome(step, "failed", str(error), error=error)
        if outcome is not None:
            self.outcomes[step] = outcome

    def _apply(self, step: Step) -> Outcome | None:
        """An outcome when the step has ended already, None when it has to be proved."""
        bad = _first_bad(step.meta.needs, self.outcomes)
        if bad:
            return _behind(step, bad)
        decision = decide(step, self.known)
        if decision.action not in (Action.CREATE, Action.UPDATE):
            return _standing(decision.action, step.meta.id, decision.reason)
        want = step.desired(self.known)
        step.apply(want, decision.observed, decision.changes)
        have = settle(step, want, self.known, self.hands)
        if have.waiting_for:
            return Outcome(step.meta.id, "operator", have.waiting_for)
        self.applied[step.meta.id] = (decision, have)
        return None

    def _prove(self, step: Step) -> Outcome:
        decision, have = self.applied[step.meta.id]
        checks = tuple(step.validate(have, self.known))
        failed = next((each for each in checks if each.status is Status.FAILED), None)
        if failed:
            return Outcome(step.meta.id, "invalid", f"{failed.id}: {failed.evidence}", checks)
        return Outcome(step.meta.id, f"{decision.action}d", decision.reason, checks)


def _to_try(decision: Decision) -> bool:
    """Also what waits for a person is tried: they may have done their part in the meantime."""
    pending = decision.action in (Action.CREATE, Action.UPDATE)
    return pending or (decision.action is Action.BLOCKED and decision.person)


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


def _behind(step: Step, bad: Outcome) -> Outcome:
    word = "blocked" if bad.result in ("blocked", "operator") else "skipped"
    root = bad.reason if bad.reason.startswith("waits for `") else f"waits for `{bad.step}`: {bad.reason}"
    return Outcome(step.meta.id, word, root)


def _first_bad(needs: Iterable[str], outcomes: Mapping[str, Outcome]) -> Outcome | None:
    missing = (outcomes.get(each, Outcome(each, "skipped", "not reached")) for each in sorted(needs))
    return next((each for each in missing if not each.good), None)
