"""teardown and unlock: take away what is ours, and give back a lease that was left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cci_lite.aws.lease import holder, release
from cci_lite.cli.documents import summary_document
from cci_lite.cli.exits import DONE, FAILED, INTERRUPTED, USAGE, Stop
from cci_lite.cli.interrupt import stop
from cci_lite.cli.options import Common
from cci_lite.cli.outcomes import explain_failures, lines_of
from cci_lite.cli.render_plan import removal_lines
from cci_lite.cli.screen import safe
from cci_lite.cli.selection import again, phases_off, selected
from cci_lite.cli.session import Session, open_session
from cci_lite.cli.working import confirm, work
from cci_lite.engine.teardown import Removals, plan_removal, teardown

_STAYS = {"retain": "retained"}


def run_teardown(common: Common, phase: str | None, steps: Sequence[str] | None, data: Sequence[str], yes: bool) -> int:
    """`cci-lite teardown`: the exit code. Data goes only when it was named."""
    session = open_session(common, read_only=False, stream=True, about=(phase, steps))
    chosen = selected(session.runbook, phase, steps)
    consent = frozenset(data)
    _refuse_unknown(session, consent)
    with session.cloud.snapshot():
        removals = plan_removal(session.graph, chosen, consent=consent, jobs=session.common.jobs)
    session.screen.show(*removal_lines(removals))
    for phase_off in phases_off(session.runbook, phase, steps):
        session.screen.show(f"{safe(phase_off.off)}. What it made while it was on is not looked at, and stays.")
    if not removals.pending:
        session.screen.say("Nothing to remove.")
        moment = session.cloud.clock.utc().isoformat(timespec="seconds")
        counts = Counter(_STAYS.get(each.action, each.action) for each in removals.items)
        session.screen.line(summary_document(DONE, counts, 0.0, moment))
        return DONE
    account = session.cloud.site.account
    confirm(session, yes, f"This removes things from account {account}. Type its number to go ahead.", account)
    return _take_down(session, removals, f"teardown{again(phase, steps)}")


def run_unlock(common: Common, yes: bool) -> int:
    """`cci-lite unlock`: say whose the lease is, and remove it when that is wished."""
    session = open_session(common, read_only=False)
    lease = holder(session.cloud)
    if lease is None:
        session.screen.show("No run holds this account and region.")
        return DONE
    whose = safe(lease.describe(session.cloud.clock.utc()))
    (session.screen.warn if common.json else session.screen.show)(whose)
    confirm(session, yes, "Is that run really over? Type yes to remove its lease.", "yes", also_in_sandbox=True)
    release(session.cloud, lease)
    session.screen.show("The lease is removed.")
    return DONE


def _take_down(session: Session, removals: Removals, command: str) -> int:
    with work(session, "teardown", [each.step.meta.id for each in removals.pending]) as run:
        outcomes = teardown(removals, run.hands)
    run.lines = lines_of(session, outcomes)
    explain_failures(session, outcomes)
    bad = any(each.result in ("failed", "skipped") for each in outcomes)
    interrupted = stop.is_set() or any(each.result == "interrupted" for each in outcomes)
    code = INTERRUPTED if interrupted else FAILED if bad else DONE
    if code == DONE:
        stay = f"; {len(removals.retained)} steps stay, see above" if removals.retained else ""
        session.screen.say(f"Done{stay}.")
    else:
        session.screen.say(f"Not finished: {session.say_again(command)} goes on from here.")
    return run.finish(code, [each.result for each in outcomes])


def _refuse_unknown(session: Session, consent: frozenset[str]) -> None:
    """A name that matches nothing is a typing mistake, and must not look like consent."""
    site = session.cloud.site
    names = {
        site.fill(str(getattr(each.settings, "name", None) or getattr(each.settings, "alias", "")))
        for each in session.runbook.entries
        if each.meta.kind in ("bucket", "kms_key")
    }
    for each in sorted(consent - names):
        raise Stop(
            USAGE, f"--delete-data {each} names no bucket or key of the runbook", f"known: {', '.join(sorted(names))}"
        )
