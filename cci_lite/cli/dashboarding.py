"""dashboard: one HTML file of many calls, made from Athena's rows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cci_lite.cli.exits import BLOCKED, DONE, FAILED, USAGE, Stop
from cci_lite.cli.options import Common
from cci_lite.cli.querying import Rows, ask, tell, workgroup
from cci_lite.cli.screen import safe
from cci_lite.cli.session import Session, open_session
from cci_lite.dashboard import Calls, read, render
from cci_lite.dashboard.page import Heading
from cci_lite.evidence.folder import for_its_owner, state_folder
from cci_lite.steps.glue_table import GlueTable


@dataclass(frozen=True)
class Asked:
    """Which calls: of one tenant or all, of days (UTC, both included), the newest `limit` of them."""

    tenant: str | None
    since: date | None
    until: date | None
    limit: int


@dataclass(frozen=True)
class Written:
    """The file, and what is in it. incomplete: the day from which on backwards the limit left calls out, YYYY-MM-DD;
    "" when it left out none."""

    path: Path
    calls: Calls
    incomplete: str


def run_dashboard(common: Common, out: Path, asked: Asked) -> int:
    """`cci-lite dashboard`: the exit code."""
    _check_days(asked)
    session = open_session(common, read_only=False)
    _check_tenant(session, asked.tenant)
    written = write(session, out, asked)
    session.screen.document(document(written))
    return DONE


def write(session: Session, out: Path, asked: Asked) -> Written:
    """Ask Athena, write the page. Raises Stop when there are no calls, or the file cannot be written."""
    began = session.cloud.clock.now()
    calls, incomplete = _read(session, asked)
    if not calls.calls:
        raise Stop(BLOCKED, _nothing(asked, calls), "a result comes from: cci-lite call submit FILE --tenant T --wait")
    written = Written(out, calls, incomplete)
    _save(out, render(calls, _heading(session, written), state_folder() / "cache"))
    for line in _lines(written, session.cloud.clock.now() - began):
        session.screen.say(line)
    return written


def document(written: Written) -> dict[str, object]:
    """`cci-lite/dashboard/1`."""
    return {
        "schema": "cci-lite/dashboard/1",
        "path": str(written.path.resolve()),
        "calls": len(written.calls.calls),
        "malformed": list(written.calls.malformed),
        "more": bool(written.incomplete),
        "incomplete_day": written.incomplete or None,
    }


def _check_days(asked: Asked) -> None:
    if asked.since and asked.until and asked.since > asked.until:
        raise Stop(USAGE, f"--from {asked.since} is after --to {asked.until}", "exchange them")


def _check_tenant(session: Session, tenant: str | None) -> None:
    known = list(session.runbook.tenants)
    if tenant is not None and tenant not in known:
        near = difflib.get_close_matches(tenant, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"known here: {', '.join(known)}"
        raise Stop(USAGE, f"there is no tenant `{tenant}` in the runbook", hint)


def _read(session: Session, asked: Asked) -> tuple[Calls, str]:
    """The calls, and the day of the first that was left out."""
    where, table = workgroup(session), _table(session)
    rows = ask(session, where, _sql(where.database, table, asked), asked.limit)
    calls = read(_documents(rows))
    tell(session, rows)
    return calls, str(rows.beyond[2]).replace("/", "-") if rows.beyond else ""


def _table(session: Session) -> str:
    """The table that holds whole results."""
    steps = (each for each in session.graph.steps if isinstance(each, GlueTable))
    found = next((each for each in steps if each.settings.holds == "documents"), None)
    if found is None:
        raise Stop(USAGE, "the runbook has no table of whole results", "add a glue_table with `holds: documents`")
    return found.settings.name


def _sql(database: str, table: str, asked: Asked) -> str:
    """One more row than is wanted tells of which day there are more. Tenants and days hold no quotes."""
    conditions = [f"tenant = '{asked.tenant}'"] if asked.tenant else []
    conditions += [f"dt >= '{asked.since:%Y/%m/%d}'"] if asked.since else []
    conditions += [f"dt <= '{asked.until:%Y/%m/%d}'"] if asked.until else []
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    started = "json_extract_scalar(document, '$.call_started_at')"
    order = f'ORDER BY dt DESC, {started} DESC, "$path" LIMIT {asked.limit + 1}'
    return f'SELECT "$path", document, dt FROM "{database}"."{table}"{where} {order}'


def _documents(rows: Rows) -> Iterator[tuple[str, str]]:
    for path, text, _ in rows:
        yield str(path), str(text)


def _heading(session: Session, written: Written) -> Heading:
    site = session.cloud.site
    return Heading(session.cloud.clock.utc(), site.account, site.region, written.incomplete)


def _save(path: Path, page: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for_its_owner(path, page)
    except OSError as error:
        raise Stop(FAILED, f"the page cannot be written: {error}", "choose another file with --out") from error


def _nothing(asked: Asked, calls: Calls) -> str:
    if calls.malformed:
        return f"none of {len(calls.malformed)} results can be read: {', '.join(calls.malformed[:3])}"
    of = f" of tenant {asked.tenant}" if asked.tenant else ""
    days = f" from {asked.since or 'the first day'} to {asked.until or 'today'}" if asked.since or asked.until else ""
    return f"there are no results{of}{days} yet"


def _lines(written: Written, seconds: float) -> Iterator[str]:
    count, size = len(written.calls.calls), written.path.stat().st_size / 1e6
    yield f"{count} call{'' if count == 1 else 's'}, {size:.1f} MB, {seconds:.1f} s."
    yield f"Open: {safe(written.path.resolve())}"
    if written.incomplete:
        yield f"Calls of {written.incomplete} are not all on the page, older ones not at all: --limit N takes in more."
    if written.calls.malformed:
        yield f"{len(written.calls.malformed)} could not be read and are named on the page."
