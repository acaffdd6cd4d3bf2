"""Bringing steps to their desired state. May import engine.* only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

from cci_lite.engine.batches import batches
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.diff import diff
from cci_lite.engine.events import StepFinished, StepStarted
from cci_lite.engine.graph import Graph, walk
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Action, Joint, Observed, Status, Step
from cci_lite.engine.outcome import Outcome, behind, first_bad, standing
from cci_lite.engine.plan import Decision, Plan, absent, decide
from cci_lite.engine.settle import Unsettled, settle
from cci_lite.engine.stages import Node, Stage, documents, edges, nodes

#: Seconds after which a look is too old to write by.
FRESH_S = 5.0
_ENDED = {Action.CREATE: "created", Action.UPDATE: "updated", Action.KEEP: "kept"}
_Due = tuple[Decision, Any]


def provision(graph: Graph, plan: Plan, hands: Hands) -> tuple[Outcome, ...]:
    """Apply every pending step of `plan`, in order, each decided anew before it is touched, and prove it.

    What stands in an earlier phase is proved again before a step that needs it is touched: a proof that failed is
    remembered nowhere. A failure skips only what needs the failed step. Never raises for a step's own failure; raises
    nothing on interruption either: steps not begun are simply missing from the result.
    """
    run = _Run(graph, plan, hands)
    walk(
        nodes(run.batches, run.steps, run.standing),
        edges(run.batches, run.steps, run.standing),
        run.work,
        jobs=hands.jobs,
        documents=documents(run.batches, run.steps),
        stopped=hands.stopped,
    )
    return run.results(graph)


class _Run:
    """The stages of each step's work, and what has become of all of them so far.

    batches: steps that one call writes, by the first of them; almost always one step. standing: what is only proved.
    missing: what the plan did not find; absent: what was not found ahead of its write either; made: what this run has
    made (both with the moment when it was not there yet, in monotonic seconds). written: what is not read back yet;
    seen: what its own step has read back; applied: what can be proved.
    """

    def __init__(self, graph: Graph, plan: Plan, hands: Hands) -> None:
        self.known, self.hands = plan.known, hands
        todo = {each.step.meta.id for each in plan.tried}
        self.batches = batches([graph[each] for each in graph.ids() if each in todo])
        self.standing = {each.step.meta.id: each for each in plan.proved_first}
        self.steps = {each.step.meta.id: each.step for each in (*plan.decisions, *self.standing.values())}
        self.missing = {each.step.meta.id for each in plan.decisions if each.action is Action.CREATE}
        self.began: dict[str, float] = {}
        self.absent: dict[str, float] = {}
        self.made: dict[str, float] = {}
        self.written: dict[str, list[_Due]] = {}
        self.seen: dict[str, Observed] = {}
        self.applied = {name: (each, each.observed) for name, each in self.standing.items() if each.observed}
        self.outcomes: dict[str, Outcome] = {}
        for each in (*plan.context, *plan.decisions):
            if each.step.meta.id not in todo | self.standing.keys():
                self.outcomes[each.step.meta.id] = standing(each.action, each.step.meta.id, each.reason)

    def work(self, node: Node) -> None:
        """One stage of a batch; of a single step when it is proved."""
        stage, name = node
        match stage:
            case Stage.LOOK:
                self._look(self.batches[name])
            case Stage.WRITE:
                self._write(name)
            case Stage.SHOW:
                self._show(self.written.pop(name))
            case Stage.PROVE:
                self._end(name)

    def results(self, graph: Graph) -> tuple[Outcome, ...]:
        """What became of every selected step, in order; what was written but not proved any more is interrupted."""
        written = {decision.step.meta.id for due in self.written.values() for decision, _ in due}
        for step in (written | self.applied.keys()) - self.outcomes.keys() - self.standing.keys():
            self.outcomes[step] = Outcome(step, "interrupted", "written; interrupted before it was proved")
        return tuple(self.outcomes[each] for each in graph.ids() if each in self.steps and each in self.outcomes)

    def _end(self, step: str) -> None:
        """Prove a step, unless it has ended already, and tell how it ended."""
        if step in self.standing:
            self._begin(step)
        if step not in self.outcomes:
            with self._whole(step):
                self._prove(self.steps[step])
        outcome, seconds = self.outcomes[step], self.hands.clock.now() - self.began[step]
        self.hands.tell(StepFinished(step, outcome.result, outcome.reason, seconds, outcome.checks, outcome.error))

    def _begin(self, step: str) -> None:
        self.began[step] = self.hands.clock.now()
        self.hands.tell(StepStarted(step))

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

    def _look(self, batch: Sequence[str]) -> None:
        """Note what is still absent. Whatever else is seen, or goes wrong, is asked again, and told, at the write.

        Nothing is asked of a part of what this run has just made itself.
        """
        for each in batch:
            step, since = self.steps[each], self.hands.clock.now()
            made = self.made.get(step.meta.whole, float("-inf"))
            lost = any(not self.outcomes[need].good for need in step.meta.needs & self.outcomes.keys())
            if each not in self.missing or lost or step.traits.shared:
                continue
            if since - made <= FRESH_S:
                self.absent[each] = made
                continue
            with suppress(Exception), self.hands.inside(each), self.hands.unlikely():
                if decide(step, self.known).action is Action.CREATE:
                    self.absent[each] = since

    def _write(self, name: str) -> None:
        """Decide each, write those that are due."""
        due: list[_Due] = []
        for each in self.batches[name]:
            self._begin(each)
        with self.hands.glance():
            for each in self.batches[name]:
                with self._whole(each):
                    due += self._due(self.steps[each])
            if due:
                with self._whole(*(decision.step.meta.id for decision, _ in due)):
                    self._apply(due)
        self.written[name] = [each for each in due if each[0].step.meta.id not in self.outcomes]

    def _due(self, step: Step) -> list[_Due]:
        """The decision and what is wanted; nothing when the step has ended already."""
        settled = self.applied.keys() - self.outcomes.keys()  # read back, and being proved
        bad = first_bad(step.meta.needs - settled, self.outcomes)
        if bad:
            self.outcomes[step.meta.id] = behind(step, bad)
            return []
        age = self.hands.clock.now() - self.absent.get(step.meta.id, float("-inf"))
        decision = absent(step, self.known) if age <= FRESH_S else decide(step, self.known)
        if decision.action not in (Action.CREATE, Action.UPDATE):
            self.outcomes[step.meta.id] = standing(decision.action, step.meta.id, decision.reason)
            return []
        return [(decision, step.desired(self.known))]

    def _apply(self, due: Sequence[_Due]) -> None:
        (decision, want), since = due[0], self.hands.clock.now()
        if len(due) > 1:
            cast(Joint, decision.step).apply_jointly([(decision.step, want) for decision, want in due])
        elif seen := decision.step.apply(want, decision.observed, decision.changes):
            self.seen[decision.step.meta.id] = seen
        self.made |= {each.step.meta.id: since for each, _ in due if each.action is Action.CREATE}

    def _show(self, due: Sequence[_Due]) -> None:
        """Wait until AWS shows what was written."""
        if not due:
            return
        hands = self.hands
        with self._whole(*(decision.step.meta.id for decision, _ in due)):
            written = [(decision.step, want) for decision, want in due]
            shown = self._seen(due) or settle(written, self.known, hands.clock, hands.tell, hands.glance)
            for decision, _ in due:
                self._shown(decision, shown[decision.step.meta.id])

    def _seen(self, due: Sequence[_Due]) -> dict[str, Observed | Unsettled]:
        """What a step has seen itself, having had to wait for it; nothing when that is not what was wanted."""
        step, want = due[0][0].step.meta.id, due[0][1]
        have = self.seen.get(step)
        if have is None or diff(have.spec, want):
            return {}
        self.known.learn(step, have)
        return {step: have}

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
        result, reason = _ENDED[decision.action], decision.reason
        if failed:
            result, reason = "invalid", f"{failed.id}: {failed.evidence}"
        self.outcomes[step.meta.id] = Outcome(step.meta.id, result, reason, checks)
