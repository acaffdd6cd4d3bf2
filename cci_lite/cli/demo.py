"""demo: the whole runbook in the sandbox, on a real recording, with the person's part played as well."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from cci_lite.cli.calls import buckets_of, look
from cci_lite.cli.exits import BLOCKED, DONE, FAILED
from cci_lite.cli.options import Common
from cci_lite.cli.provisioning import bring
from cci_lite.cli.render_result import failure_lines, result_lines
from cci_lite.cli.session import Session, open_session
from cci_lite.engine.clock import Patience
from cci_lite.steps import recordings

_FILE = "demo-call.wav"
_DEADLINE_S = 300.0


def run_demo(common: Common) -> int:
    """The exit code of `cci-lite demo`: not 0 unless a result is on the screen."""
    session = open_session(dataclasses.replace(common, sandbox=True, json=False), read_only=False)
    session.screen.as_json = False
    times: dict[str, float] = {}
    for phase in session.runbook.phases:
        code = _phase(session, phase.number, phase.title, times)
        if code != DONE:
            return code
    began = session.cloud.clock.now()
    code = _call(session, common)
    times["A call, from upload to result"] = session.cloud.clock.now() - began
    _end(session, times)
    return code


def _phase(session: Session, number: int, title: str, times: dict[str, float]) -> int:
    """Provision one phase; where only a person can go on, be that person and provision again."""
    session.screen.say(f"\n[bold]== Phase {number}: {title} ==[/bold]")
    began = session.cloud.clock.now()
    code, _ = bring(session, str(number), None, yes=True)
    if code == BLOCKED and _confirm_mails(session):
        code, _ = bring(session, str(number), None, yes=True)
    times[f"Phase {number}, {title}"] = session.cloud.clock.now() - began
    return code


def _confirm_mails(session: Session) -> int:
    """Click the links in the mails that SNS sent, as the recipient would. How many there were."""
    confirmed = 0
    for mail in _mails(session):
        session.screen.say(f"Playing the person: confirming the mail from AWS to {mail['Endpoint']}")
        session.cloud.write("sns", "confirm_subscription", TopicArn=mail["TopicArn"], Token=mail["Token"])
        confirmed += 1
    return confirmed


def _mails(session: Session) -> Iterator[dict[str, Any]]:
    folder = session.sandbox.state / "mailbox" if session.sandbox else Path()
    for path in sorted(folder.glob("*.json")):
        mail: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if "Token" in mail:
            yield mail


def _call(session: Session, common: Common) -> int:
    """Submit the recording that comes with cci-lite, and show what became of it."""
    tenant = next(iter(session.runbook.tenants))
    session.screen.say(f"\n[bold]== A call of {tenant} ==[/bold]")
    buckets = buckets_of(session)
    key = f"{tenant}/calls/{_FILE}"
    with as_file(files("cci_lite.sample") / "call.wav") as path:
        sent = recordings.submit(session.cloud, buckets, key, Path(path), {})
    session.screen.say(f"s3://{buckets.input}/{key} {'was there already' if sent.again else 'is in'}")
    call = recordings.id_of(key)
    for _ in Patience(session.cloud.clock, _DEADLINE_S, first=0.2, longest=1.0):
        found = look(session, buckets, tenant, call, sent.etag)
        if found is not None:
            break
    else:
        session.screen.say(f"No result within {_DEADLINE_S:.0f} s; see {session.say_again('validate --phase 2')}")
        return FAILED
    where = f"s3://{buckets.results}/{found.key}"
    lines = result_lines(found.result, where) if found.result else failure_lines(found.failure or {})
    if common.json:
        session.screen.as_json = True
        session.screen.document(found.result or found.failure)
    for line in lines:
        session.screen.show(line)
    return DONE if found.result else FAILED


def _end(session: Session, times: dict[str, float]) -> None:
    session.screen.say()
    for name, seconds in times.items():
        session.screen.say(f"  {name:<40} {seconds:5.1f} s")
    tenant = next(iter(session.runbook.tenants))
    session.screen.say("\nNext:")
    for command in ("plan", "validate", f"call submit YOUR.wav --tenant {tenant} --wait", "teardown"):
        session.screen.say(f"  cci-lite --sandbox {command}")
