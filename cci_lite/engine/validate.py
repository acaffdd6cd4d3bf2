"""Proving that what is in place works: every step's own checks. Probes may write. May import engine.* only."""

from __future__ import annotations

from dataclasses import dataclass

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.events import StepFinished, StepStarted
from cci_lite.engine.graph import walk
from cci_lite.engine.hands import Hands
from cci_lite.engine.model import Action, Check, Status
from cci_lite.engine.plan import Decision, Plan


@dataclass(frozen=True)
class Verdict:
    """The checks of one step."""

    decision: Decision
    checks: tuple[Check, ...]
    ahead: bool = False

    @property
    def result(self) -> str:
        """In a word, as in events.StepFinished."""
        if self.ahead:
            return "absent"
        return "invalid" if any(each.status is Status.FAILED for each in self.checks) else "valid"


def phases_ahead(plan: Plan) -> frozenset[int]:
    """The phases behind the last one of which anything stands: the runbook's reader has not come to them yet.

    None when nothing at all stands: that is a loss, or the wrong account, and no progress. What only a person makes
    says nothing about how far a run came; what could not be observed may well be there.
    """
    told = [each for each in plan.decisions if not each.step.traits.clicks]
    begun = [each.step.meta.phase for each in told if not each.nothing_there]
    return frozenset(each.step.meta.phase for each in plan.decisions if begun and each.step.meta.phase > max(begun))


def validate(plan: Plan, hands: Hands, ahead: frozenset[int] = frozenset()) -> tuple[Verdict, ...]:
    """The checks of every selected step, in runbook order. Steps not begun before an interruption are missing.

    Of the phases `ahead` nothing is asked: their checks are skipped, never passed.
    """
    decisions = {each.step.meta.id: each for each in plan.decisions}
    documents = {name: each.step.traits.document for name, each in decisions.items()}

    def work(name: str) -> Verdict:
        decision = decisions[name]
        return _told(decision, plan, hands, decision.step.meta.phase in ahead)

    found = walk(list(decisions), {}, work, jobs=hands.jobs, documents=documents, stopped=hands.stopped)
    return tuple(found.values())


def _told(decision: Decision, plan: Plan, hands: Hands, ahead: bool) -> Verdict:
    step, began = decision.step.meta.id, hands.clock.now()
    hands.tell(StepStarted(step))
    with hands.inside(step):
        verdict = Verdict(decision, (_not_begun(decision),) if ahead else _checks(decision, plan), ahead)
    hands.tell(StepFinished(step, verdict.result, "", hands.clock.now() - began, verdict.checks))
    return verdict


def _checks(decision: Decision, plan: Plan) -> tuple[Check, ...]:
    step, have = decision.step, decision.observed
    if decision.action is not Action.KEEP or have is None:
        return (_not_in_place(decision),)
    checks: list[Check] = []
    try:
        for each in step.validate(have, plan.known):
            checks.append(each)
    except Interrupted as error:
        checks.append(_cut_off(decision, Status.SKIPPED, str(error), "run `cci-lite validate` again"))
    except Exception as error:  # a check that cannot be completed is no proof, and must not hide the others
        checks.append(_cut_off(decision, Status.FAILED, str(error), "see the reason; the step itself is in place"))
    return tuple(checks)


def _cut_off(decision: Decision, status: Status, evidence: str, hint: str) -> Check:
    return Check(f"{decision.step.meta.id}.completed", status, evidence, hint, decision.step.meta.plan_line)


def _not_begun(decision: Decision) -> Check:
    step = decision.step.meta
    evidence, hint = f"phase {step.phase} is not begun", f"cci-lite provision --phase {step.phase}"
    return Check(f"{step.id}.in-place", Status.SKIPPED, evidence, hint, step.plan_line)


def _not_in_place(decision: Decision) -> Check:
    step = decision.step.meta
    if decision.action is Action.OPERATOR or decision.person:
        hint = "a person has to do this; then run `cci-lite provision`"
        return Check(f"{step.id}.in-place", Status.SKIPPED, decision.reason, hint, step.plan_line)
    hint = f"cci-lite provision --phase {step.phase}"
    return Check(f"{step.id}.in-place", Status.FAILED, decision.reason, hint, step.plan_line)
