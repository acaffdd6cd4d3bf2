"""demo: the whole runbook in the sandbox, on a real recording, with the person's part played as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from cci_lite.cli.calls import Found, await_call, buckets_of, show_lines
from cci_lite.cli.confirming import confirm
from cci_lite.cli.dashboarding import Asked, write
from cci_lite.cli.exits import BLOCKED, DONE, FAILED
from cci_lite.cli.options import DASHBOARD, Common
from cci_lite.cli.provisioning import bring
from cci_lite.cli.querying import ask, document, show, tell, workgroup
from cci_lite.cli.screen import safe
from cci_lite.cli.session import Session, open_session
from cci_lite.runbook import Phase
from cci_lite.steps import recordings

_FILE = "demo-call.wav"


@dataclass
class Demo:
    """Stages that were gone through, with their seconds and exit codes, what became of the call, and the rows."""

    session: Session
    stages: list[dict[str, Any]] = field(default_factory=list)
    found: Found | None = None
    rows: dict[str, Any] | None = None
    page: Path | None = None

    def stage(self, title: str, work: Callable[[], int]) -> int:
        """Announce a stage, go through it, note how long it took; its exit code."""
        self.session.screen.say(f"\n[bold]== {safe(title)} ==[/bold]")
        began = self.session.cloud.clock.now()
        code = work()
        seconds = self.session.cloud.clock.now() - began
        self.stages.append({"stage": title, "exit": code, "seconds": round(seconds, 1)})
        return code

    def document(self, code: int) -> dict[str, Any]:
        """`cci-lite/demo/1`."""
        found = self.found or Found()
        told = {"result": found.result, "failure": found.failure, "key": found.key, "rows": self.rows}
        told["dashboard"] = str(self.page) if self.page else None
        return {"schema": "cci-lite/demo/1", "exit": code, "stages": self.stages, **told}


def run_demo(common: Common) -> int:
    """The exit code of `cci-lite demo`: not 0 unless a result is on the screen."""
    demo = Demo(open_session(replace(common, sandbox=True), read_only=False))
    code = _stages(demo)
    demo.session.screen.document(demo.document(code))
    _end(demo, code)
    return code


def _stages(demo: Demo) -> int:
    for phase in (each for each in demo.session.runbook.phases if each.enabled):
        code = demo.stage(f"Phase {phase.number}: {phase.title}", partial(_phase, demo.session, phase))
        if code != DONE:
            return code
    code = demo.stage("A call, from upload to result", lambda: _call(demo))
    code = code if code != DONE else demo.stage("All results as a table", lambda: _rows(demo))
    return code if code != DONE else demo.stage("All calls on a page", lambda: _page(demo))


def _phase(session: Session, phase: Phase) -> int:
    """Provision one phase; where only a person can go on, be that person and provision again."""
    code = bring(session, str(phase.number), None, yes=True)
    if code == BLOCKED and _confirm(session):
        code = bring(session, str(phase.number), None, yes=True)
    return code


def _confirm(session: Session) -> bool:
    """Whether there was a mail from AWS to answer, and it was answered."""
    done = confirm(session.cloud, session.sandbox) if session.sandbox else []
    for each in done:
        session.screen.say(f"Playing the person: confirming the mail from AWS to {safe(each.email)}")
    return bool(done)


def _call(demo: Demo) -> int:
    """Submit the recording that comes with cci-lite, and show what became of it."""
    session = demo.session
    tenant = next(iter(session.runbook.tenants))
    buckets = buckets_of(session)
    key = f"{tenant}/calls/{_FILE}"
    with as_file(files("cci_lite.sample") / "call.wav") as path:
        sent = recordings.submit(session.cloud, buckets, key, Path(path), {})
    session.screen.say(f"s3://{buckets.input}/{key} {'was there already' if sent.again else 'is in'}")
    demo.found = await_call(session, buckets, tenant, recordings.id_of(key), sent.etag)
    session.screen.show(*show_lines(demo.found, buckets))
    return DONE if demo.found.result else FAILED


def _rows(demo: Demo) -> int:
    """The plan's own query, in Athena."""
    session, where = demo.session, workgroup(demo.session)
    rows = ask(session, where, where.query, limit=10)
    session.screen.say(safe(where.query))
    if session.screen.as_json:
        demo.rows = document(rows)
    show(session, rows)
    tell(session, rows)
    return DONE if rows.shown else FAILED


def _page(demo: Demo) -> int:
    """The dashboard, beside the sandbox's own files."""
    session = demo.session
    folder = session.sandbox.state if session.sandbox else Path()
    demo.page = write(session, folder / DASHBOARD, Asked(None, None, None, limit=2000)).path
    return DONE


def _end(demo: Demo, code: int) -> None:
    session = demo.session
    session.screen.say()
    width = max(len(each["stage"]) for each in demo.stages)
    for each in demo.stages:
        session.screen.say(f"  {safe(each['stage']):<{width}}  {each['seconds']:6.1f} s")
    if code != DONE:
        session.screen.warn(f"\nThe demo did not get through. See {session.say_again('plan')}, then run it again.")
        return
    tenant = next(iter(session.runbook.tenants))
    session.screen.say("\nNext:")
    asked = "query 'SELECT call_id, outcome, qa_score FROM results'"
    for command in ("plan", "validate", f"call submit YOUR.wav --tenant {tenant} --wait", asked, "teardown"):
        session.screen.say(f"  {session.say_again(command)}")
    session.screen.say("The sandbox runs on until: cci-lite sandbox down")
