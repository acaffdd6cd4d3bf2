"""provision: bring the account to what the runbook says, or say why not."""

from __future__ import annotations

from collections.abc import Sequence

from cci_lite.cli.confirming import next_step
from cci_lite.cli.documents import event_document, summary_document
from cci_lite.cli.exits import BLOCKED, DONE, INTERRUPTED
from cci_lite.cli.options import Common
from cci_lite.cli.outcomes import code_of, explain_failures, lines_of, standing
from cci_lite.cli.planning import look, show_off, show_plan
from cci_lite.cli.render_plan import check_lines
from cci_lite.cli.screen import safe
from cci_lite.cli.selection import again
from cci_lite.cli.session import Session, open_session
from cci_lite.cli.working import confirm, work
from cci_lite.engine.model import Action, Status
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import Plan
from cci_lite.engine.run import provision


def run_provision(common: Common, phase: str | None, steps: Sequence[str] | None, yes: bool) -> int:
    """`cci-lite provision`: the exit code. Nothing is written while anything is blocked, or nothing differs."""
    session = open_session(common, read_only=False, stream=True, about=(phase, steps))
    return bring(session, phase, steps, yes)


def bring(session: Session, phase: str | None, steps: Sequence[str] | None, yes: bool) -> int:
    """Plan, show, confirm, apply. The exit code."""
    found = look(session, phase, steps)
    proofs = show_plan(session, found)
    show_off(session, phase, steps)
    if any(each.counterexample is not None for each in proofs):
        session.screen.say("Nothing was changed: a policy would not do what it is for.")
        return _without_work(session, BLOCKED, found)
    if found.halted:
        session.screen.warn("Nothing was changed: the steps marked ! have to be cleared up first.")
        return _without_work(session, BLOCKED, found)
    if not found.pending:
        code = DONE if found.in_place else BLOCKED
        session.screen.say("Nothing to do." if found.in_place else "Nothing to do but what only a person can do.")
        return _without_work(session, code, found)
    account = session.cloud.site.account
    confirm(session, yes, f"This changes account {account}. Type yes to go ahead.", "yes")
    return _apply(session, found, f"provision{again(phase, steps)}")


def _apply(session: Session, found: Plan, command: str) -> int:
    with work(session, "provision", [each.step.meta.id for each in found.pending]) as run:
        outcomes = provision(session.graph, found, run.hands)
    run.lines = lines_of(session, outcomes)
    code = code_of(outcomes)
    for line in run.times.lines():
        session.screen.say(line)
    _tell_failures(session, outcomes)
    _tell_person(session, found, outcomes, command)
    _tell_next(session, outcomes, code, command)
    return run.finish(code, [each.result for each in outcomes])


def _without_work(session: Session, code: int, found: Plan) -> int:
    """No lease, no journal, no write: only the stream's end."""
    moment = session.cloud.clock.utc().isoformat(timespec="seconds")
    for each in found.having(Action.BLOCKED, Action.OPERATOR):
        session.screen.line(event_document(standing(each), moment))
    counts = {str(each): len(found.having(each)) for each in Action}
    session.screen.line(summary_document(code, counts, 0.0, moment))
    return code


def _tell_failures(session: Session, outcomes: Sequence[Outcome]) -> None:
    """What went wrong, and checks that did not pass."""
    explain_failures(session, outcomes)
    for each in outcomes:
        for check in each.checks:
            if check.status is not Status.PASSED:
                for line in check_lines(check):
                    session.screen.warn(line)


def _tell_next(session: Session, outcomes: Sequence[Outcome], code: int, command: str) -> None:
    if code == INTERRUPTED:
        session.screen.say(f"Interrupted. Nothing is lost: {session.say_again(command)} goes on from here.")
    elif code == DONE:
        proved = sum(check.status is Status.PASSED for each in outcomes for check in each.checks)
        session.screen.say(f"Done; {proved} checks passed. To prove it again: {session.say_again('validate')}")
    elif code != BLOCKED:
        session.screen.say(f"Not finished: {session.say_again(command)} goes on from here.")


def _tell_person(session: Session, found: Plan, outcomes: Sequence[Outcome], command: str) -> None:
    """What nobody but a person can do."""
    steps = {each.step.meta.id: each.step for each in found.decisions}
    waiting = [each for each in outcomes if each.result == "operator"]
    if waiting:
        session.screen.say(f"\nFor a person to do, then: {session.say_again(command)}")
    for each in waiting:
        session.screen.say(f"  ? {each.step}: {safe(each.reason)}")
        if command := next_step(session, steps[each.step]):
            session.screen.say(f"      next: {command}")
        clicks = steps[each.step].traits.clicks
        if clicks:
            session.screen.say(f"      open {safe(clicks.link)}")
            for line in clicks.steps:
                session.screen.say(f"      - {safe(line)}")
