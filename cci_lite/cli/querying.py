"""query: SQL in the runbook's own Athena workgroup, the rows as a table, as CSV or as JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cci_lite.cli.exits import BLOCKED, DONE, FAILED, INTERRUPTED, USAGE, Stop
from cci_lite.cli.explain import risk_of
from cci_lite.cli.options import Common
from cci_lite.cli.render_rows import Row, csv_lines, table_lines, value
from cci_lite.cli.session import Session, open_session
from cci_lite.cli.streams import pour
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.model import Known
from cci_lite.runbook.problems import nearest
from cci_lite.steps import queries
from cci_lite.steps.athena_workgroup import AthenaWorkgroup
from cci_lite.steps.queries import Column, Executed, QueryFailedError

_READING = frozenset({"select", "with", "values", "table", "show", "describe", "desc"})


@dataclass
class Rows:
    """At most `limit` rows of an answer, read while they are iterated; then `shown` tells how many they were, and
    `beyond` is the first that was left out."""

    executed: Executed
    columns: tuple[Column, ...]
    coming: Iterator[Row]
    limit: int
    shown: int = 0
    beyond: Row | None = None

    @property
    def more(self) -> bool:
        return self.beyond is not None

    def __iter__(self) -> Iterator[Row]:
        for row in islice(self.coming, self.limit):
            self.shown += 1
            yield row
        self.beyond = next(self.coming, None)


def run_query(common: Common, sql: str, limit: int, as_csv: bool) -> int:
    """`cci-lite query`: the exit code."""
    if as_csv and common.json:
        raise Stop(USAGE, "--csv and --json are two forms of one answer", "give one of them")
    if not sql.strip():
        raise Stop(USAGE, "there is no SQL", """as in: cci-lite query 'SELECT count(*) FROM results'""")
    if (word := first_word(sql)) not in _READING:
        close = nearest(word.upper(), [each.upper() for each in _READING])
        raise Stop(USAGE, f"query only reads, and {word.upper() or 'this'} may do more", close)
    session = open_session(common, read_only=False)
    rows = ask(session, workgroup(session), sql, limit)
    if common.json:
        session.screen.document(document(rows))
    elif as_csv:
        pour(csv_lines(rows.columns, rows), sys.stdout)
    else:
        show(session, rows)
    tell(session, rows)
    return DONE


def first_word(sql: str) -> str:
    """What a statement begins with, in small letters; of EXPLAIN, what is explained: ANALYZE carries it out."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL)
    bare = re.sub(r"^[\s(]*explain(\s+analyze)?(\s+verbose)?(\s*\([^)]*\))?", "", bare, flags=re.IGNORECASE)
    found = re.match(r"[\s(]*([a-z]+)", bare, re.IGNORECASE)
    return found[1].lower() if found else ""


def workgroup(session: Session) -> AthenaWorkgroup:
    """The runbook's workgroup. Raises Stop while there is none."""
    found = next((each for each in session.graph.steps if isinstance(each, AthenaWorkgroup)), None)
    if found is None:
        raise Stop(USAGE, "the runbook has no workgroup", "add a step of kind athena_workgroup")
    if found.observe(Known()) is None:
        again = session.say_again(f"provision --phase {found.meta.phase}")
        raise Stop(BLOCKED, f"step `{found.meta.id}` is not in place", again)
    return found


def ask(session: Session, where: AthenaWorkgroup, sql: str, limit: int) -> Rows:
    """Run a query to its end. Raises Stop with Athena's reason; an interruption stops the query as well."""
    try:
        executed = queries.execute(session.cloud, where.settings.name, where.database, sql)
    except QueryFailedError as error:
        raise _failed(session, where, error) from error
    except Interrupted as error:
        raise Stop(INTERRUPTED, "interrupted; the query was stopped") from error
    found = queries.answer(session.cloud, executed)
    return Rows(executed, found.columns, found.rows, limit)


def _failed(session: Session, where: AthenaWorkgroup, error: QueryFailedError) -> Stop:
    """Athena's reason; where it refused the query at once, with the risk table's."""
    risk = risk_of(error.__cause__ or error, session.runbook.risks)
    if risk is not None:
        return Stop(FAILED, f"Athena: {error}\nwhy: {risk.reason}", risk.hint)
    proof = session.say_again(f"validate --phase {where.meta.phase}")
    hint = f'the table is "{where.database}"."{where.table}"; `{proof}` names files that are no result'
    return Stop(FAILED, f"Athena: {error}", hint)


def show(session: Session, rows: Rows) -> None:
    """The rows as a table on stdout; nothing when the result is JSON."""
    if session.screen.as_json or not rows.columns:
        return
    for line in table_lines(rows.columns, rows, full=session.common.verbose):
        session.screen.out.print(line)


def document(rows: Rows) -> dict[str, Any]:
    """`cci-lite/rows/1`. A row is a list in the order of `columns`, whose names need not differ."""
    listed = [[value(cell, column) for cell, column in zip(row, rows.columns, strict=True)] for row in rows]
    return {
        "schema": "cci-lite/rows/1",
        "query_execution_id": rows.executed.id,
        "columns": [{"name": each.name, "type": each.type} for each in rows.columns],
        "rows": listed,
        "more": rows.more,
        "scanned_bytes": rows.executed.scanned_bytes,
        "cost_usd": rows.executed.cost_usd,
    }


def tell(session: Session, rows: Rows) -> None:
    """What was read and what it costs, as narration."""
    executed = rows.executed
    more = f"; there are more: --limit {rows.limit * 10}" if rows.more else ""
    counted = f"{rows.shown} row{'' if rows.shown == 1 else 's'}{more}"
    cost = f"{executed.scanned_bytes:,} bytes scanned, USD {executed.cost_usd:.6f}"
    session.screen.say(f"{counted}. {cost}, {executed.milliseconds / 1000:.1f} s.")
