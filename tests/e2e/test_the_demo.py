"""cci-lite demo as it is typed by somebody who has just installed it, and once more by a program."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import ROOT, Product
from tests.ran import Ran

STAGES = (
    "Phase 1: Foundation",
    "Phase 2: Core pipeline",
    "Phase 3: Data cataloging",
    "A call, from upload to result",
    "All results as a table",
    "All calls on a page",
)


@pytest.fixture(scope="module")
def first(product: Product) -> Ran:
    """From nothing, for a person."""
    return product("demo", sandbox=False)


@pytest.fixture(scope="module")
def before(product: Product, first: Ran) -> dict[str, int]:
    return left_behind(product)


@pytest.fixture(scope="module")
def second(product: Product, before: dict[str, int]) -> Ran:
    """Over what the first left, for a program."""
    return product("demo", "--json", sandbox=False)


@pytest.fixture(scope="module")
def result(product: Product, first: Ran) -> Any:
    """The result whose address the first run showed."""
    shown = re.search(r"^  JSON: s3://([^/]+)/(\S+)$", first.out, re.MULTILINE)
    assert shown is not None, first.out + first.err
    return json.loads(product.client("s3").get_object(Bucket=shown[1], Key=shown[2])["Body"].read())


def left_behind(product: Product) -> dict[str, int]:
    """Runs that wrote something, jobs that were bought, keys that were made."""
    jobs = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    runs = list((product.home / "state" / "runs").iterdir())
    return {"runs": len(runs), "jobs": len(jobs), "keys": len(product.client("kms").list_keys()["Keys"])}


def test_a_person_reads_what_was_said_and_what_was_made_of_it(first: Ran, result: Any) -> None:
    assert first.code == 0, first.err
    told = " ".join(first.out.split())
    assert f"Sentiment {result['sentiment_label']}, {result['duration_s']} s long, en-US" in told
    assert f"Summary: {' '.join(result['summary'].split())}" in told
    excerpt = told.partition("Transcript: ")[2].partition(" ...")[0]
    assert len(excerpt.split()) >= 50 and result["transcript_excerpt"].startswith(excerpt)
    said = (files("cci_lite.sample") / "truth.txt").read_text(encoding="utf-8").lower()
    assert "green garden" in said and "Green Garden" in excerpt


def test_a_person_sees_each_step_made_the_rows_of_the_query_and_where_the_page_lies(first: Ran) -> None:
    assert len(re.findall(r"^  \+ \S+ +created \(", first.err, re.MULTILINE)) > 30
    assert "Playing the person: confirming the mail from AWS to alarms@example.com" in first.err
    header = next(each for each in first.out.splitlines() if each.startswith("tenant_id "))
    assert header.split() == ["tenant_id", "summary", "sentiment_label"]
    assert first.out.count("\ndemo-tenant  ") == 2  # the sample call and the demo's own
    page = re.search(r"^Open: (.+)$", first.err, re.MULTILINE)
    assert page is not None and Path(page[1]).is_file()


def test_a_person_learns_how_long_each_phase_took_and_what_to_type_next(first: Ran) -> None:
    summary, _, following = first.err.rpartition("\nNext:\n")
    for stage in STAGES:
        assert re.search(rf"^  {stage} +\d+\.\d s$", summary, re.MULTILINE), stage
    *commands, end = following.splitlines()
    verbs = [re.sub(r"^  \S*cci-lite --sandbox (\w+).*$", r"\1", each) for each in commands]
    assert verbs == ["plan", "validate", "call", "query", "teardown"]
    assert re.fullmatch(r"The sandbox runs on until: \S*cci-lite sandbox down", end)


def test_the_readme_shows_lines_of_a_demo(first: Ran) -> None:
    """But for times, dates, and what a machine hears of the call."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("$ cci-lite demo\n")[2].partition("```")[0]
    shown = [each for each in readme.splitlines() if re.match(r"== |  [+?] |Playing |Call |  JSON: ", each)]
    assert len(shown) > 10 and [each for each in shown if timeless(each) not in timeless(first.out + first.err)] == []


def timeless(text: str) -> str:
    return re.sub(r"\d+\.\d s|\d{4}/\d\d/\d\d", "*", text)


def test_a_program_reads_one_document_with_a_schema(second: Ran, result: Any) -> None:
    assert second.code == 0, second.err
    told = second.json
    assert (told["schema"], told["exit"]) == ("cci-lite/demo/1", 0)
    assert [(each["stage"], each["exit"]) for each in told["stages"]] == [(each, 0) for each in STAGES]
    assert told["result"] == result and told["failure"] is None
    assert (told["rows"]["schema"], len(told["rows"]["rows"])) == ("cci-lite/rows/1", 2)
    assert Path(told["dashboard"]).is_file()


def test_a_second_demo_makes_nothing_and_buys_nothing(product: Product, before: dict[str, int], second: Ran) -> None:
    assert second.err.count("Nothing to do.\n") == 3
    assert "created" not in second.err and "updated" not in second.err
    assert left_behind(product) == before
