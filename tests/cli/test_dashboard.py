"""dashboard: what it asks Athena for, and what it says to bad input before it asks anything."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cci_lite.cli import dashboarding
from cci_lite.steps import queries
from cci_lite.steps.queries import Answer, Column, Executed
from tests.cli.conftest import Run
from tests.cli.test_query import Workgroup
from tests.dashboard.synthetic import documents

Command = Callable[..., Run]
COLUMNS = (Column("$path", "varchar"), Column("document", "varchar"), Column("dt", "varchar"))


class Athena:
    """Answers every query with the rows it was given; the SQL it was asked."""

    def __init__(self) -> None:
        self.rows: list[tuple[str | None, ...]] = [
            (place, text, f"2026/09/0{3 - number}") for number, (place, text) in enumerate(documents(3))
        ]
        self.asked: list[str] = []

    def execute(self, cloud: Any, workgroup: str, database: str, sql: str) -> Executed:
        self.asked.append(sql)
        return Executed("q-1", 1_000, 100, headed=True)

    def answer(self, cloud: Any, executed: Executed) -> Answer:
        return Answer(COLUMNS, iter(self.rows))


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> Iterator[Athena]:
    made = Athena()
    monkeypatch.setattr(dashboarding, "workgroup", lambda session: Workgroup)
    monkeypatch.setattr(dashboarding, "_table", lambda session: "documents")
    monkeypatch.setattr(queries, "execute", made.execute)
    monkeypatch.setattr(queries, "answer", made.answer)
    yield made


def test_the_page_is_written_and_its_place_is_told(run: Command, athena: Athena, tmp_path: Path) -> None:
    page = tmp_path / "folder" / "page.html"
    ran = run("dashboard", "--out", str(page))
    assert ran.code == 0, ran.err
    assert "3 calls, " in ran.err and "Open: HOME/folder/page.html" in ran.err
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_only_the_calls_asked_for_are_asked_for(run: Command, athena: Athena, tmp_path: Path) -> None:
    page = str(tmp_path / "page.html")
    run("dashboard", "--out", page, "--tenant", "demo-tenant", "--from", "2026-09-01", "--to", "2026-09-30")
    where = "WHERE tenant = 'demo-tenant' AND dt >= '2026/09/01' AND dt <= '2026/09/30'"
    order = "ORDER BY dt DESC, json_extract_scalar(document, '$.call_started_at') DESC"
    sql = f'SELECT "$path", document, dt FROM "cci-lite-db"."documents" {where} {order}, "$path" LIMIT 2001'
    assert athena.asked == [sql]


def test_the_day_from_which_a_limit_leaves_calls_out_is_named(run: Command, athena: Athena, tmp_path: Path) -> None:
    ran = run("dashboard", "--out", str(tmp_path / "page.html"), "--limit", "2", "--json")
    told = json.loads(ran.out)
    assert (told["schema"], told["calls"]) == ("cci-lite/dashboard/1", 2)
    assert (told["more"], told["incomplete_day"]) == (True, "2026-09-01")
    assert "Calls of 2026-09-01 are not all on the page, older ones not at all" in ran.err


def test_without_a_limit_in_the_way_nothing_is_said_of_one(run: Command, athena: Athena, tmp_path: Path) -> None:
    ran = run("dashboard", "--out", str(tmp_path / "page.html"), "--limit", "3", "--json")
    told = json.loads(ran.out)
    assert (told["more"], told["incomplete_day"]) == (False, None) and "not all" not in ran.err


def test_transcripts_are_for_the_operators_eyes(run: Command, athena: Athena, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert run("dashboard", "--out", str(page)).code == 0
    assert page.stat().st_mode & 0o777 == 0o600


def test_results_that_cannot_be_read_are_counted_and_named(run: Command, athena: Athena, tmp_path: Path) -> None:
    athena.rows.append(("s3://results/bad.json", "{", "2026/09/01"))
    ran = run("dashboard", "--out", str(tmp_path / "page.html"), "--json")
    assert json.loads(ran.out)["malformed"] == ["s3://results/bad.json"]
    assert "1 could not be read and are named on the page." in ran.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--from", "2026-02-02", "--to", "2026-02-01"), 2, "--from 2026-02-02 is after --to 2026-02-01"),
        (("--from", "yesterday"), 2, "'--from': `yesterday` is no day; write it as YYYY-MM-DD"),
        (("--to", "2026-02-30"), 2, "'--to': `2026-02-30` is no day; write it as YYYY-MM-DD"),
        (("--tenant", "demo-tenent"), 2, "did you mean `demo-tenant`?"),
        (("--limit", "0"), 2, "--limit"),
    ],
)
def test_bad_input_is_refused_before_anything_is_asked(
    run: Command, athena: Athena, arguments: tuple[str, ...], code: int, said: str
) -> None:
    ran = run("dashboard", *arguments)
    assert (ran.code, athena.asked) == (code, [])
    assert said in " ".join(ran.err.split())


def test_no_results_yet_tells_how_to_get_one(run: Command, athena: Athena, tmp_path: Path) -> None:
    athena.rows = []
    ran = run("dashboard", "--out", str(tmp_path / "page.html"), "--tenant", "demo-tenant")
    assert ran.code == 4
    assert "there are no results of tenant demo-tenant yet" in ran.err and "call submit" in ran.err
    ran = run("dashboard", "--out", str(tmp_path / "page.html"), "--tenant", "demo-tenant", "--to", "2026-01-02")
    assert ran.code == 4 and "no results of tenant demo-tenant from the first day to 2026-01-02 yet" in ran.err
    assert not (tmp_path / "page.html").exists()


def test_a_place_that_cannot_be_written_is_told(run: Command, athena: Athena, tmp_path: Path) -> None:
    ran = run("dashboard", "--out", str(tmp_path))
    assert ran.code == 1 and "the page cannot be written" in ran.err and "--out" in ran.err
