"""Running SQL in an Athena workgroup. Not a step; knows aws.cloud.

A query that nobody waits for any more is stopped: Athena bills what it scans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from botocore.exceptions import ClientError

from cci_lite.aws import scope
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, message
from cci_lite.engine.clock import Interrupted, Patience

#: Athena's own limit for a query (DML query timeout, 30 minutes) and some more for the queue before it.
_DEADLINE_S = 2400.0
_PAGE = 1000
_BYTES_A_MB = 1024**2
_MB_A_TB = 1024**2
_LEAST_MB = 10
#: https://aws.amazon.com/athena/pricing/: per TB scanned, rounded up to a megabyte, 10 MB at least.
_USD_A_TB = 5.0


class QueryFailedError(Exception):
    """Athena could not carry out the query; the text is AWS's reason."""


@dataclass(frozen=True)
class Column:
    """type: Athena's name of it, as "varchar" or "bigint"."""

    name: str
    type: str


@dataclass(frozen=True)
class Executed:
    """A query that succeeded. headed: its rows begin with the names of the columns, as those of a SELECT do."""

    id: str
    scanned_bytes: int
    milliseconds: int
    headed: bool

    @property
    def cost_usd(self) -> float:
        """What Athena bills for what was scanned; statements that scan nothing by definition (DDL) are free."""
        if not self.headed:
            return 0.0
        megabytes = max(_LEAST_MB, -(-self.scanned_bytes // _BYTES_A_MB))
        return megabytes * _USD_A_TB / _MB_A_TB


@dataclass(frozen=True)
class Answer:
    """rows: lazily read, each cell as text or None for null; as many as there are `columns`, in their order."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[str | None, ...]]


def execute(cloud: Cloud, workgroup: str, database: str, sql: str) -> Executed:
    """Run `sql` to its end. Raises QueryFailedError; on Interrupted the execution has been stopped."""
    query = _start(cloud, workgroup, database, sql)
    try:
        for waited in Patience(cloud.clock, _DEADLINE_S, first=0.1, longest=2.0):
            executed = _ended(query, cloud.read("athena", "get_query_execution", QueryExecutionId=query))
            if executed is not None:
                return executed
            cloud.wait("Athena to answer the query", waited)
    except Interrupted:
        _stop(cloud, query)
        raise
    _stop(cloud, query)
    raise QueryFailedError(f"no answer after {_DEADLINE_S / 60:.0f} minutes; the query was stopped")


def answer(cloud: Cloud, executed: Executed) -> Answer:
    """The rows of a query, read page by page as they are asked for."""
    pages = cloud.client("athena").get_paginator("get_query_results")
    found = iter(pages.paginate(QueryExecutionId=executed.id, PaginationConfig={"PageSize": _PAGE}))
    first = next(found)["ResultSet"]
    columns, rows = _columns(first), islice(_rows(first, found), 1 if executed.headed else 0, None)
    return Answer(columns, (_fitted(row, len(columns)) for row in rows))


def _columns(first: dict[str, Any]) -> tuple[Column, ...]:
    """Those that Athena tells of, and one for each cell that it tells nothing of (MSCK REPAIR TABLE has no columns)."""
    told = [Column(each["Name"], each["Type"]) for each in first["ResultSetMetadata"].get("ColumnInfo", [])]
    widest = max((len(row.get("Data", [])) for row in first["Rows"]), default=0)
    return (*told, *(Column(f"_col{place}", "string") for place in range(len(told), widest)))


def _fitted(row: tuple[str | None, ...], width: int) -> tuple[str | None, ...]:
    """Statements of Hive's (DESCRIBE, some SHOW) answer one cell a row, in which tabs part the columns. Undocumented;
    github.com/uber/athenadriver, resources/UndocumentedAthena.md."""
    cells = row
    if len(row) == 1 < width and row[0] is not None:
        cells = tuple(each.strip() for each in row[0].split("\t", width - 1))
    return (*cells, *(None for _ in range(width - len(cells))))


def _rows(first: dict[str, Any], rest: Iterator[dict[str, Any]]) -> Iterator[tuple[str | None, ...]]:
    for each in chain([first], (page["ResultSet"] for page in rest)):
        yield from (_cells(row) for row in each["Rows"])


def _cells(row: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(each.get("VarCharValue") for each in row.get("Data", []))


def _start(cloud: Cloud, workgroup: str, database: str, sql: str) -> str:
    """Athena refuses what it cannot parse at once (InvalidRequestException); other errors come with the execution."""
    try:
        started = cloud.write(
            "athena",
            "start_query_execution",
            QueryString=sql,
            WorkGroup=workgroup,
            QueryExecutionContext={"Database": database},
        )
    except ClientError as error:
        if code(error) == "InvalidRequestException":
            raise QueryFailedError(message(error)) from error
        raise
    return str(started["QueryExecutionId"])


def _ended(query: str, answered: dict[str, Any]) -> Executed | None:
    """None while the query is queued or running. Raises QueryFailedError with AWS's reason."""
    found = answered["QueryExecution"]
    state, reason = found["Status"]["State"], found["Status"].get("StateChangeReason")
    if state in ("FAILED", "CANCELLED"):
        raise QueryFailedError(reason or f"the query is {state}")
    return _executed(query, found) if state == "SUCCEEDED" else None


def _stop(cloud: Cloud, query: str) -> None:
    with scope.cleaning():
        cloud.write("athena", "stop_query_execution", QueryExecutionId=query)


def _executed(query: str, found: dict[str, Any]) -> Executed:
    statistics = found.get("Statistics", {})
    return Executed(
        query,
        int(statistics.get("DataScannedInBytes", 0)),
        int(statistics.get("TotalExecutionTimeInMillis", 0)),
        found.get("StatementType") == "DML",
    )
