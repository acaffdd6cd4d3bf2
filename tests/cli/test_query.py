"""query: rows for people, spreadsheets and programs; nothing in a cell acts on any of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from rich.console import Console

from cci_lite.cli import querying
from cci_lite.cli.render_rows import csv_lines, table_lines, value
from cci_lite.engine.clock import Interrupted
from cci_lite.steps import queries
from cci_lite.steps.queries import Answer, Column, Executed, QueryFailedError, answer, execute
from tests.cli.conftest import Run
from tests.world import ROOT

Command = Callable[..., Run]
COLUMNS = (Column("call", "varchar"), Column("score", "double"), Column("good", "boolean"))
ROWS: list[tuple[str | None, ...]] = [("a-1", "90.5", "true"), ("b-2", None, "false"), ("c-3", "-1.0", None)]


class Workgroup:
    """What a query needs to know of the runbook's workgroup."""

    class meta:
        phase = 3

    class settings:
        name = "cci-lite"

    database, table = "cci-lite-db", "results"


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Athena that answers everything with ROWS; the SQL it was asked."""
    asked: list[str] = []

    def execute(cloud: Any, workgroup: str, database: str, sql: str) -> Executed:
        asked.append(sql)
        if sql == "SELECT":
            raise QueryFailedError("line 1:7: mismatched input '<EOF>'")
        if sql == "SELECT sleep":
            raise Interrupted("interrupted while waiting")
        return Executed("q-1", 12_345_678, 1234, headed=True)

    monkeypatch.setattr(querying, "workgroup", lambda session: Workgroup)
    monkeypatch.setattr(queries, "execute", execute)
    monkeypatch.setattr(queries, "answer", lambda cloud, executed: Answer(COLUMNS, iter(ROWS)))
    yield asked


def test_rows_as_a_table_and_the_cost_beside_it(run: Command, athena: list[str]) -> None:
    ran = run("query", "SELECT 1")
    assert ran.code == 0 and athena == ["SELECT 1"]
    assert (
        ran.out == "call  score  good\n----  -----  -----\na-1    90.5  true\nb-2    null  false\nc-3    -1.0  null\n"
    )
    assert ran.err == "3 rows. 12,345,678 bytes scanned, USD 0.000057, 1.2 s.\n"


def test_no_more_rows_than_asked_for(run: Command, athena: list[str]) -> None:
    ran = run("query", "SELECT 1", "--limit", "2")
    assert len(ran.out.splitlines()) == 4
    assert ran.err.startswith("2 rows; there are more: --limit 20. ")


def test_rows_as_json(run: Command, athena: list[str]) -> None:
    told = json.loads(run("-q", "query", "SELECT 1", "--json").out)
    assert told["schema"] == "cci-lite/rows/1"
    assert told["rows"] == [["a-1", 90.5, True], ["b-2", None, False], ["c-3", -1.0, None]]
    assert (told["more"], told["scanned_bytes"], told["query_execution_id"]) == (False, 12_345_678, "q-1")


def test_rows_as_csv(run: Command, athena: list[str]) -> None:
    assert run("-q", "query", "SELECT 1", "--csv").out == "call,score,good\na-1,90.5,true\nb-2,,false\nc-3,-1.0,\n"


HIVE = ["call_id             \tstring              \tits id", "\t \t ", "# Partition Information\t \t ", "", None]


@pytest.fixture
def hive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Athena that answers as it does to DESCRIBE: three columns, and rows of one cell."""
    cells = [{} if each is None else {"VarCharValue": each} for each in HIVE]
    columns = [{"Name": each, "Type": "string"} for each in ("col_name", "data_type", "comment")]
    page = {"Rows": [{"Data": [each]} for each in cells], "ResultSetMetadata": {"ColumnInfo": columns}}
    monkeypatch.setattr(querying, "workgroup", lambda session: Workgroup)
    monkeypatch.setattr(queries, "execute", lambda *_: Executed("q-1", 0, 100, headed=False))
    monkeypatch.setattr(queries, "answer", lambda cloud, executed: answer(Pages(page), executed))


class Pages:
    """A cloud whose Athena answers with these pages."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = [{"ResultSet": each} for each in pages]

    def client(self, service: str) -> Any:
        return self

    get_paginator = client

    def paginate(self, **_: Any) -> list[dict[str, Any]]:
        return self.pages


def test_what_hive_answers_in_one_cell_is_told_in_columns(run: Command, hive: None) -> None:
    assert run("-q", "query", "DESCRIBE results").out.splitlines() == [
        "col_name                 data_type  comment",
        "-----------------------  ---------  -------",
        "call_id                  string     its id",
        "",
        "# Partition Information",
        "                         null       null",
        "null                     null       null",
    ]


def test_what_hive_answers_as_csv(run: Command, hive: None) -> None:
    lines = run("-q", "query", "DESCRIBE results", "--csv").out.splitlines()
    assert lines == [
        "col_name,data_type,comment",
        "call_id,string,its id",
        ",,",
        "# Partition Information,,",
        ",,",
        ",,",
    ]


def test_what_hive_answers_as_json(run: Command, hive: None) -> None:
    assert json.loads(run("-q", "query", "DESCRIBE results", "--json").out)["rows"] == [
        ["call_id", "string", "its id"],
        ["", "", ""],
        ["# Partition Information", "", ""],
        ["", None, None],
        [None, None, None],
    ]


def test_cells_that_athena_has_no_columns_for_get_some() -> None:
    page = {"Rows": [{"Data": [{"VarCharValue": "a\tb"}]}], "ResultSetMetadata": {}}
    found = answer(Pages(page), Executed("q-1", 0, 1, headed=False))  # type: ignore[arg-type]
    assert (found.columns, list(found.rows)) == ((Column("_col0", "string"),), [("a\tb",)])


def test_a_query_that_fails_says_why(run: Command, athena: list[str]) -> None:
    ran = run("query", "SELECT")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("Athena: line 1:7: mismatched input '<EOF>'\nnext: the table is")


@pytest.mark.parametrize(
    "sql",
    [
        "DROP TABLE results",
        "  -- harmless\n/* SELECT */ drop table results",
        "INSERT INTO results SELECT 1",
        "UNLOAD (SELECT 1) TO 's3://x'",
        "EXPLAIN ANALYZE DELETE FROM results",
        "(create table x as select 1)",
    ],
)
def test_what_may_do_more_than_read_is_not_sent(run: Command, athena: list[str], sql: str) -> None:
    ran = run("query", sql)
    assert (ran.code, athena) == (2, []) and "query only reads" in ran.err


@pytest.mark.parametrize("sql", ["select 1", "WITH a AS (SELECT 1) SELECT * FROM a", "(SELECT 1)", "explain SELECT 1"])
def test_what_reads_is_sent(run: Command, athena: list[str], sql: str) -> None:
    run("query", sql)
    assert athena == [sql]


def test_a_query_that_athena_refuses_is_explained_by_the_risk_table(
    run: Command, home: Path, athena: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = yaml.safe_load((ROOT / "runbook.yaml").read_text(encoding="utf-8"))["risks"]
    (risk,) = [each for each in shipped if each.get("service") == "athena"]
    text = (home / "runbook.yaml").read_text(encoding="utf-8")
    (home / "runbook.yaml").write_text(text.replace("risks:\n", f"risks:\n  - {json.dumps(risk)}\n"), encoding="utf-8")
    told = {"Code": "InvalidRequestException", "Message": "Unable to verify/create output bucket b"}
    cloud = Refusing(ClientError({"Error": {**told, "Service": "athena"}}, "StartQueryExecution"))
    monkeypatch.setattr(queries, "execute", lambda _, *asked: execute(cloud, *asked))
    ran = run("query", "SELECT 1")
    assert ran.code == 1
    assert ran.err.splitlines() == [
        "Athena: Unable to verify/create output bucket b",
        f"why: {risk['reason']}",
        f"next: {risk['hint']}",
    ]


class Refusing:
    """A cloud that refuses every write."""

    def __init__(self, error: ClientError) -> None:
        self.error = error

    def write(self, *_: Any, **__: Any) -> None:
        raise self.error


def test_an_interrupted_query_ends_with_130(run: Command, athena: list[str]) -> None:
    ran = run("query", "SELECT sleep")
    assert (ran.code, ran.err) == (130, "interrupted; the query was stopped\n")


@pytest.mark.parametrize("arguments", [("query",), ("query", " "), ("query", "SELECT 1", "--csv", "--json")])
def test_what_cannot_be_meant_is_a_usage_error(run: Command, athena: list[str], arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2
    assert athena == []


def test_a_runbook_without_a_workgroup_says_so(run: Command) -> None:
    ran = run("query", "SELECT 1")
    assert ran.code == 2 and "no workgroup" in ran.err


def printed(cell: str | None, **settings: Any) -> str:
    console = Console(width=500, soft_wrap=True, highlight=False)
    with console.capture() as capture:
        for line in table_lines([Column("x", "varchar")], [(cell,)], **settings):
            console.print(line)
    return capture.get().splitlines()[2]


def test_cells_are_text_on_the_screen() -> None:
    assert printed("[bold]a[/bold]") == "[bold]a[/bold]"
    assert printed("a\x1b[31mb\x9b2J") == "a?[31mb?2J"
    assert printed("two\nlines\tand tabs") == "two lines and tabs"
    assert printed("x" * 61) == "x" * 57 + "..." and printed("x" * 61, full=True) == "x" * 61


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_a_cell_is_no_formula_in_a_spreadsheet(cell: str) -> None:
    header, line = csv_lines([Column(cell, "varchar")], [(cell,)])
    assert header.lstrip('"').startswith("'") and line.lstrip('"').startswith("'")


def test_numbers_stay_numbers_in_a_spreadsheet() -> None:
    assert list(csv_lines([Column("x", "double")], [("-1.5",)])) == ["x\n", "-1.5\n"]


@pytest.mark.parametrize(
    ("cell", "kind", "wanted"),
    [
        ("7", "bigint", 7),
        ("0.5", "double", 0.5),
        ("NaN", "double", "NaN"),
        ("1.10", "decimal", "1.10"),
        ("true", "boolean", True),
        ("2026-11-24", "date", "2026-11-24"),
        ("", "varchar", ""),
        (None, "bigint", None),
    ],
)
def test_values_have_the_type_of_their_column(cell: str | None, kind: str, wanted: object) -> None:
    assert value(cell, Column("x", kind)) == wanted
