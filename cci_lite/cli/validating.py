"""validate: prove each of the plan's validation lines. Probes write and clean up, so that the lease is held."""

from __future__ import annotations

from collections.abc import Sequence

from cci_lite.cli.confirming import with_next_step
from cci_lite.cli.documents import validation_document
from cci_lite.cli.exits import DONE, INTERRUPTED, INVALID
from cci_lite.cli.interrupt import stop
from cci_lite.cli.options import Common
from cci_lite.cli.planning import look, show_off
from cci_lite.cli.render_plan import verdict_lines
from cci_lite.cli.session import Session, open_session
from cci_lite.cli.working import work
from cci_lite.engine.model import Status
from cci_lite.engine.validate import Verdict, phases_ahead, validate
from cci_lite.evidence.report import Line


def run_validate(common: Common, phase: str | None, steps: Sequence[str] | None) -> int:
    """`cci-lite validate`: 0 when every check that ran passed, 5 when one failed.

    Without a selection it is about the phases that were begun; a phase that is named has to be there.
    """
    session = open_session(common, read_only=False, about=(phase, steps))
    verdicts, code = prove(session, phase, steps)
    site = session.cloud.site
    session.screen.document(validation_document(verdicts, site.account, site.region))
    session.screen.show(*verdict_lines(verdicts))
    show_off(session, phase, steps)
    return code


def prove(session: Session, phase: str | None, steps: Sequence[str] | None) -> tuple[tuple[Verdict, ...], int]:
    """The verdicts of the selected steps, and the exit code."""
    found = look(session, phase, steps)
    with work(session, "validate", [each.step.meta.id for each in found.decisions]) as run:
        proved = validate(found, run.hands, frozenset() if phase or steps else phases_ahead(found))
    verdicts = tuple(with_next_step(session, each) for each in proved)
    run.lines = [_line(each) for each in verdicts]
    failed = any(check.status is Status.FAILED for each in verdicts for check in each.checks)
    code = INTERRUPTED if stop.is_set() else INVALID if failed else DONE
    run.finish(code, [str(check.status) for each in verdicts for check in each.checks])
    return verdicts, code


def _line(verdict: Verdict) -> Line:
    meta = verdict.decision.step.meta
    return Line(meta.id, meta.title, verdict.result, "", verdict.checks)
