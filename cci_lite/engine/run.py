"""Bringing steps to their desired state, and taking them down. May import engine.* only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, cast

from cci_lite.engine.batches import batches, homes
from cci_lite.engine.clock import Clock, Interrupted
from cci_lite.engine.events import Listener, StepFinished, StepStarted
from cci_lite.engine.graph import Graph, walk
from cci_lite.engine.model import Action, Check, Joint, Observed, Status, Step
from cci_lite.engine.plan import Decision, Plan, decide
from cci_lite.engine.settle import Unsettled, settle


@dataclass(frozen=True)
class Hands:
    """What a run works with. `stopped` turns true when the operator interrupts.

    inside: calls in its body are made for that step; glance: equal reads in its body are made once, until a write.
    """

    clock: Clock
    tell: Listener
    jobs: int = 8
    stopped: Callable[[], bool] = lambda: False
    inside: Callable[[str], AbstractContextManager[None]] = lambda step: nullcontext()
    glance: Callable[[], AbstractContextManager[None]] = nullcontext


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
    run = _Run(graph, plan, hands)
    # Only writing needs the document: the next one is put while the one before is being proved.
    documents = {name: run.steps[name].traits.document for name in run.batches}
    nodes = [node for name, batch in run.batches.items() for node in (name, *map(_proof, batch))]
    walk(nodes, _edges(run), run.work, jobs=hands.jobs, documents=documents, stopped=hands.stopped)
    return run.results(graph)


def _proof(step: str) -> str:
    return f"{step} (proof)"


def _edges(run: _Run) -> dict[str, frozenset[str]]:
    """Within a phase a step follows what it needs once that is written and read back; a later phase, once it is proved.

    Proofs take longer than writes, and hold nothing that a sibling needs; a phase is the plan's own place to stop.
    """
    home = homes(run.batches)
    after: dict[str, frozenset[str]] = {}
    for name, batch in run.batches.items():
        needs = {need for each in batch for need in run.steps[each].meta.needs if need in home}
        phase = run.steps[name].meta.phase
        after[name] = frozenset(home[each] if run.steps[each].meta.phase == phase else _proof(each) for each in needs)
        after.update({_proof(each): frozenset({name}) for each in batch})
    return after


class _Run:
    """The halves of each step's work, writing and proving, and what has become of all of them so far.

    batches: steps that one call writes, by the first of them; almost always one step.
    """

    def __init__(self, graph: Graph, plan: Plan, hands: Hands) -> None:
        self.known, self.hands = plan.known, hands
        self.steps = {each.step.meta.id: each.step for each in plan.decisions}
        todo = {each.step.meta.id for each in plan.decisions if _to_try(each)}
        self.batches = batches([graph[each] for each in graph.ids() if each in todo])
        self.began: dict[str, float] = {}
        self.applied: dict[str, tuple[Decision, Observed]] = {}
        self.outcomes: dict[str, Outcome] = {}
        for each in (*plan.context, *plan.decisions):
            if each.step.meta.id not in todo:
                self.outcomes[each.step.meta.id] = _standing(each.action, each.step.meta.id, each.reason)

    def work(self, node: str) -> None:
        """Write a batch, or, at its proof's turn, prove a step and tell how it ended."""
        if node in self.batches:
            self._write(self.batches[node])
            return
        step = node.removesuffix(_proof(""))
        if step not in self.outcomes:
            with self._whole(step):
                self._prove(self.steps[step])
        outcome, seconds = self.outcomes[step], self.hands.clock.now() - self.began[step]
        self.hands.tell(StepFinished(step, outcome.result, outcome.reason, seconds, outcome.checks, outcome.error))

    def results(self, graph: Graph) -> tuple[Outcome, ...]:
        """What became of every selected step, in order; what was written but not proved any more is interrupted."""
        for step in self.applied.keys() - self.outcomes.keys():
            self.outcomes[step] = Outcome(step, "interrupted", "written; interrupted before it was proved")
        return tuple(self.outcomes[each] for each in graph.ids() if each in self.steps and each in self.outcomes)

    @contextmanager
    def _whole(self, *steps: str) -> Iterator[None]:
        """The one boundary between steps and their siblings: what goes wrong in the body becomes their outcome."""
        try:
            with self.hands.inside(steps[0]):
                yield
        except Interrupted as error:
            self.outcomes.update({each: Outcome(each, "interrupted", str(error), error=error) for each in steps})
        except Exception as error:
            self.outcomes.update({each: Outcome(each, "failed", str(error), error=error) for each in steps})

    def _write(self, batch: Sequence[str]) -> None:
        """Decide each, write those that are due, wait until AWS shows them."""
        due: list[tuple[Decision, Any]] = []
        for each in batch:
            self.began[each] = self.hands.clock.now()
            self.hands.tell(StepStarted(each))
        with self.hands.glance():
            for each in batch:
                with self._whole(each):
                    due += self._due(self.steps[each])
            if due:
                with self._whole(*(decision.step.meta.id for decision, _ in due)):
                    _apply(due)
        self._settle([each for each in due if each[0].step.meta.id not in self.outcomes])

    def _due(self, step: Step) -> list[tuple[Decision, Any]]:
        """The decision and what is wanted; nothing when the step has ended already."""
        settled = self.applied.keys() - self.outcomes.keys()  # read back, and being proved
        bad = _first_bad(step.meta.needs - settled, self.outcomes)
        if bad:
            self.outcomes[step.meta.id] = _behind(step, bad)
            return []
        decision = decide(step, self.known)
        if decision.action not in (Action.CREATE, Action.UPDATE):
            self.outcomes[step.meta.id] = _standing(decision.action, step.meta.id, decision.reason)
            return []
        return [(decision, step.desired(self.known))]

    def _settle(self, due: Sequence[tuple[Decision, Any]]) -> None:
        if not due:
            return
        hands = self.hands
        with self._whole(*(decision.step.meta.id for decision, _ in due)):
            written = [(decision.step, want) for decision, want in due]
            shown = settle(written, self.known, hands.clock, hands.tell, hands.glance)
            for decision, _ in due:
                self._shown(decision, shown[decision.step.meta.id])

    def _shown(self, decision: Decision, have: Observed | Unsettled) -> None:
        step = decision.step.meta.id
        if isinstance(have, Unsettled):
            self.outcomes[step] = Outcome(step, "failed", str(have), error=have)
        elif have.waiting_for:
            self.outcomes[step] = Outcome(step, "operator", have.waiting_for)
        else:
            self.applied[step] = (decision, have)

    def _prove(self, step: Step) -> None:
        decision, have = self.applied[step.meta.id]
        checks = tuple(step.validate(have, self.known))
        failed = next((each for each in checks if each.status is Status.FAILED), None)
        result, reason = f"{decision.action}d", decision.reason
        if failed:
            result, reason = "invalid", f"{failed.id}: {failed.evidence}"
        self.outcomes[step.meta.id] = Outcome(step.meta.id, result, reason, checks)


def _apply(due: Sequence[tuple[Decision, Any]]) -> None:
    decision, want = due[0]
    if len(due) == 1:
        decision.step.apply(want, decision.observed, decision.changes)
    else:
        cast(Joint, decision.step).apply_jointly([(decision.step, want) for decision, want in due])


def _to_try(decision: Decision) -> bool:
    """Also what waits for a person is tried: they may have done their part in the meantime."""
    pending = decision.action in (Action.CREATE, Action.UPDATE)
    return pending or (decision.action is Action.BLOCKED and decision.person)


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
