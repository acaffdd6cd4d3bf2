"""plan and status: what a run would do. Only reads."""

from __future__ import annotations

from collections.abc import Sequence

from cci_lite.aws.policy.prove import Claim
from cci_lite.aws.scope import unlikely
from cci_lite.cli.confirming import next_step
from cci_lite.cli.documents import plan_document
from cci_lite.cli.exits import BLOCKED, DIFFERS, DONE
from cci_lite.cli.explain import explained
from cci_lite.cli.interrupt import stop
from cci_lite.cli.options import Common
from cci_lite.cli.render_plan import MARKS, WORDS, plan_lines, sums
from cci_lite.cli.screen import safe
from cci_lite.cli.selection import again, phases_off, selected
from cci_lite.cli.session import Session, open_session
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.model import Action
from cci_lite.engine.plan import Plan, plan
from cci_lite.steps.claims import claims


def look(session: Session, phase: str | None, steps: Sequence[str] | None) -> Plan:
    """Decide the selected steps, reading each shared document once. Raises Interrupted."""
    chosen = selected(session.runbook, phase, steps)
    with session.cloud.snapshot():
        found = plan(session.graph, chosen, jobs=session.common.jobs, unlikely=unlikely)
    if stop.is_set():
        raise Interrupted("interrupted while looking; nothing was changed")
    return found


def run_plan(common: Common, phase: str | None, steps: Sequence[str] | None, check: bool) -> int:
    """`cci-lite plan`: the exit code."""
    session = open_session(common, read_only=True, about=(phase, steps))
    found = look(session, phase, steps)
    proofs = show_plan(session, found)
    show_off(session, phase, steps)
    site, off = session.cloud.site, phases_off(session.runbook, phase, steps)
    session.screen.document(plan_document(found, site.account, site.region, proofs, off))
    if found.pending and not found.halted:
        session.screen.say(f"To do it: {session.say_again('provision' + again(phase, steps))}")
    return exit_code(found, check)


def run_status(common: Common, check: bool) -> int:
    """`cci-lite status`: one line a step."""
    session = open_session(common, read_only=True, about=(None, None))
    found = look(session, None, None)
    site, off = session.cloud.site, phases_off(session.runbook, None, None)
    session.screen.document(plan_document(found, site.account, site.region, off=off))
    width = max(len(each.step.meta.id) for each in found.decisions)
    for each in found.decisions:
        session.screen.show(f"{MARKS[each.action]} {each.step.meta.id:<{width}}  {WORDS[each.action]}")
    session.screen.show(sums(found))
    show_off(session, None, None)
    session.screen.say(
        f"Not checked: whether it works ({session.say_again('validate')}), and whatever else stands in the "
        "account's policies, rules and notifications."
    )
    return exit_code(found, check)


def show_plan(session: Session, found: Plan) -> list[Claim]:
    """The plan for people, what could not be observed explained, and what is claimed of new policies, proved."""
    session.screen.show(*plan_lines(found, session.runbook.phases, verbose=session.screen.verbose))
    for each in found.decisions:
        if each.error is not None:
            for line in explained(each.error, session.runbook.risks, each.step.meta.id):
                session.screen.warn(line)
        if each.action is Action.OPERATOR and (command := next_step(session, each.step)):
            session.screen.say(f"  ? {each.step.meta.id}: next: {command}")
    proofs = claims(found)
    for claim in proofs:
        session.screen.show(f"  {claim.verdict}  {safe(claim.text)}")
        if claim.counterexample is not None:
            session.screen.show(f"      but this {claim.decided}: {safe(claim.counterexample)}")
    return proofs


def show_off(session: Session, phase: str | None, steps: Sequence[str] | None) -> None:
    """What this command would have been about as well, and why it is not."""
    for each in phases_off(session.runbook, phase, steps):
        session.screen.show(safe(each.off))


def exit_code(found: Plan, check: bool) -> int:
    """4 when nothing could be done, 3 when --check found a difference, else 0."""
    if found.halted:
        return BLOCKED
    return DIFFERS if check and not found.in_place else DONE
