"""Planning: look at every step, say what a run would do with it. Only reads. May import engine.* only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from cci_lite.engine.diff import created, diff
from cci_lite.engine.graph import Graph, longest_first, walk
from cci_lite.engine.model import Action, Blocked, Changes, Closed, Known, Observed, Step

_PENDING = (Action.CREATE, Action.UPDATE)


@dataclass(frozen=True)
class Decision:
    """What a run would do with one step, and why. `person`: the block is lifted by a person, not by a command;
    `error`: AWS could not be asked."""

    step: Step
    action: Action
    changes: Changes
    reason: str
    observed: Observed | None
    person: bool = False
    error: Exception | None = None

    @property
    def nothing_there(self) -> bool:
        """Whether it is known that there is nothing: not where it could not be looked at."""
        return self.observed is None and bool(self.changes)


@dataclass(frozen=True)
class Plan:
    """Decisions for the selected steps, in runbook order; `context`: those observed only because they are needed."""

    decisions: tuple[Decision, ...]
    context: tuple[Decision, ...]
    known: Known

    def having(self, *actions: Action) -> tuple[Decision, ...]:
        return tuple(each for each in self.decisions if each.action in actions)

    @property
    def halted(self) -> tuple[Decision, ...]:
        """Blocks that forbid writing anything at all."""
        return tuple(each for each in self.having(Action.BLOCKED) if not each.person)

    @property
    def pending(self) -> tuple[Decision, ...]:
        return self.having(*_PENDING)

    @property
    def tried(self) -> tuple[Decision, ...]:
        """What a run takes up: also what waits for a person, who may have done their part in the meantime."""
        return tuple(each for each in self.having(*_PENDING, Action.BLOCKED) if each.action in _PENDING or each.person)

    @property
    def proved_first(self) -> tuple[Decision, ...]:
        """What stands in an earlier phase than a step that is tried and needs it."""
        phases: dict[str, int] = {}
        for meta in (each.step.meta for each in self.tried):
            phases |= {need: max(meta.phase, phases.get(need, 0)) for need in meta.needs}
        found = (each for each in (*self.context, *self.decisions) if each.action is Action.KEEP)
        return tuple(each for each in found if each.step.meta.phase < phases.get(each.step.meta.id, 0))

    @property
    def in_place(self) -> bool:
        return all(each.action is Action.KEEP for each in self.decisions)


def decide(step: Step, known: Known) -> Decision:
    """Observe one step, compare with what the runbook wants, choose an action. Writes nothing."""
    want = step.desired(known)
    try:
        have = step.observe(known)
    except Closed as block:
        return Decision(step, Action.BLOCKED, created(want), str(block), None)
    except Blocked as block:
        return Decision(step, Action.BLOCKED, Changes(), str(block), None)
    known.learn(step.meta.id, have)
    if have is None:
        return absent(step, known)
    changes = diff(have.spec, want)
    if have.waiting_for:
        return Decision(step, Action.OPERATOR, changes, have.waiting_for, have, person=True)
    if not changes:
        return Decision(step, Action.KEEP, changes, _kept(have), have)
    return _differs(step, have, changes)


def absent(step: Step, known: Known) -> Decision:
    """What a run would do with a step that is not there."""
    changes = created(step.desired(known))
    if step.traits.clicks:
        return Decision(step, Action.OPERATOR, changes, step.traits.clicks.what, None, person=True)
    return Decision(step, Action.CREATE, changes, "absent", None)


def plan(
    graph: Graph,
    selected: Iterable[str],
    *,
    jobs: int,
    unlikely: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Plan:
    """Decide every selected step and everything it needs, several at a time.

    A step is observed as soon as the steps whose facts it reads are, and the one it is a part of; order edges do not
    slow reading down. unlikely: what its body asks for is probably not there.
    """
    chosen = frozenset(selected)
    relevant = graph.ancestors(chosen)
    order = [each for each in graph.ids() if each in relevant]
    steps = {each: graph[each] for each in order}
    known = Known()
    after = {each: steps[each].meta.reads | {steps[each].meta.whole} for each in order}
    looks = _Looks(known, unlikely)
    decided = walk(longest_first(after), after, lambda each: looks.at(steps[each]), jobs=jobs)
    settled: dict[str, Decision] = {}
    for each in order:
        settled[each] = _in_context(decided[each], settled, chosen)
    return Plan(
        tuple(settled[each] for each in order if each in chosen),
        tuple(settled[each] for each in order if each not in chosen),
        known,
    )


@dataclass
class _Looks:
    """What the looks so far have found of ours, and what is not there."""

    known: Known
    unlikely: Callable[[], AbstractContextManager[None]]
    absent: set[str] = field(default_factory=set)
    found: bool = False

    def at(self, step: Step) -> Decision:
        """`decide`, without asking for a part of what is not there. While nothing of ours was found, nothing is likely.

        A refusal by AWS is kept as a decision: the other steps are still worth seeing.
        """
        try:
            decision = self._decided(step)
        except Exception as error:
            return Decision(step, Action.BLOCKED, Changes(), f"cannot be observed: {error}", None, error=error)
        self.found = self.found or (decision.observed is not None and decision.observed.owned)
        if decision.nothing_there:
            self.absent.add(step.meta.id)
        return decision

    def _decided(self, step: Step) -> Decision:
        if step.meta.whole in self.absent:
            return absent(step, self.known)
        with self.unlikely() if self.absent and not self.found else nullcontext():
            return decide(step, self.known)


def _kept(have: Observed) -> str:
    return "in place" if have.owned else "in place; not made by cci-lite, so teardown will leave it"


def _differs(step: Step, have: Observed, changes: Changes) -> Decision:
    stuck = next((each for each in changes if each.immutable), None)
    if stuck:
        reason = f"{stuck.path} is {stuck.have!r}, the runbook wants {stuck.want!r}: {stuck.immutable}"
        return Decision(step, Action.BLOCKED, changes, reason, have)
    if not have.owned and not step.meta.adopt:
        reason = (
            "exists and was not made by cci-lite; to let cci-lite change it, write `adopt: true` into step "
            f"`{step.meta.id}` of the runbook"
        )
        return Decision(step, Action.BLOCKED, changes, reason, have)
    names = ", ".join(dict.fromkeys(each.path for each in changes))
    return Decision(step, Action.UPDATE, changes, f"differs: {names}", have)


def _in_context(decision: Decision, earlier: Mapping[str, Decision], chosen: frozenset[str]) -> Decision:
    """The same decision, blocked where something it needs is missing and will not come in this run.

    What is blocked by itself stays so, with its own reason.
    """
    step = decision.step
    if decision.action in (Action.KEEP, Action.BLOCKED) or step.meta.id not in chosen:
        return decision
    needed = [earlier[each] for each in earlier if each in step.meta.needs]
    outside = [each for each in needed if each.action is not Action.KEEP and each.step.meta.id not in chosen]
    if outside:
        return replace(decision, action=Action.BLOCKED, reason=_missing(outside), person=False)
    stuck = next((each for each in needed if each.action in (Action.BLOCKED, Action.OPERATOR)), None)
    if stuck:
        person = stuck.person or stuck.action is Action.OPERATOR
        first = stuck.reason.startswith("waits for `")
        reason = stuck.reason if first else f"waits for `{stuck.step.meta.id}`: {stuck.reason}"
        return replace(decision, action=Action.BLOCKED, reason=reason, person=person)
    return decision


def _missing(outside: list[Decision]) -> str:
    first = outside[0]
    more = f" and {len(outside) - 1} more" if len(outside) > 1 else ""
    told = first.step.traits.missing if first.action is Action.CREATE else ""
    needed = f"needs `{first.step.meta.id}`{more}, not in place ({told or first.reason})"
    return needed if first.person else f"{needed}; first run: cci-lite provision --phase {first.step.meta.phase}"
