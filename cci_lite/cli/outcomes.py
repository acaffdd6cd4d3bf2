"""What became of the steps of a run: lines for the report, failures explained, the exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from cci_lite.cli.exits import BLOCKED, DONE, FAILED, INTERRUPTED, INVALID
from cci_lite.cli.explain import explained
from cci_lite.cli.interrupt import stop
from cci_lite.cli.session import Session
from cci_lite.engine.events import StepFinished
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import Decision
from cci_lite.evidence.report import Line


def lines_of(session: Session, outcomes: Iterable[Outcome]) -> list[Line]:
    """The report's lines."""
    titles = {each.meta.id: each.meta.title for each in session.graph.steps}
    return [Line(each.step, titles[each.step], each.result, each.reason, each.checks) for each in outcomes]


def explain_failures(session: Session, outcomes: Iterable[Outcome]) -> None:
    """Each failure once more in full, after the table: what AWS said, why, and what to do."""
    for each in outcomes:
        if each.result == "failed" and each.error is not None:
            session.screen.warn()
            for line in explained(each.error, session.runbook.risks, each.step):
                session.screen.warn(line)


def code_of(outcomes: Sequence[Outcome]) -> int:
    """130 interrupted, 1 a step failed, 5 a validation failed, 4 somebody has to do something, else 0."""
    results = {each.result for each in outcomes}
    if "interrupted" in results or stop.is_set():
        return INTERRUPTED
    if "failed" in results:
        return FAILED
    if "invalid" in results:
        return INVALID
    return BLOCKED if results & {"operator", "blocked"} else DONE


def standing(decision: Decision) -> StepFinished:
    """A step that a run did not touch, as the event a program gets."""
    result = "blocked" if decision.action == "blocked" else "operator"
    return StepFinished(decision.step.meta.id, result, decision.reason)
