"""The file itself: small, closed to the network, and without a trace of markup from what was said."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cci_lite.dashboard import read, render
from cci_lite.dashboard.charts import charts
from cci_lite.dashboard.page import Heading
from tests.dashboard.synthetic import documents

HEADING = Heading(datetime(2026, 11, 24, 9, 30, tzinfo=UTC), "111122223333", "eu-central-1", "2026-11-23")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def page(kept: Path) -> str:
    hostile = json.loads(next(documents(1))[1]) | {"summary": "</script><script>alert(1)</script>"}
    return render(read([("s3://results/a.json", json.dumps(hostile)), ("s3://results/b.json", "{")]), HEADING, kept)


def test_the_policy_admits_the_scripts_in_the_file_by_their_hashes_and_nothing_else(page: str) -> None:
    policy = re.search(r'Content-Security-Policy" content="(.*?)"', page)
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(each.encode()).digest()).decode() for each in scripts]
    assert policy and len(scripts) == 2
    assert f"default-src 'none'; script-src 'sha256-{hashes[0]}' 'sha256-{hashes[1]}';" in policy[1]
    assert "unsafe-eval" not in page.split("</head>")[0]


def test_what_was_said_is_not_in_the_markup_at_all(page: str) -> None:
    assert "alert(1)" not in page


def test_the_data_is_in_it_with_what_was_left_out(page: str) -> None:
    packed = re.search(r'id="call-data">(.*?)<', page)
    assert packed
    told = json.loads(gzip.decompress(base64.b64decode(packed[1])))
    assert told["calls"][0]["summary"] == "</script><script>alert(1)</script>"
    assert (told["malformed"], told["incomplete"]) == (["s3://results/b.json"], "2026-11-23")
    assert (told["account"], told["made_at"]) == ("111122223333", "2026-11-24 09:30 UTC")


def test_1200_calls_fit_into_six_megabytes(kept: Path) -> None:
    assert len(render(read(documents(1200)), HEADING, kept).encode()) < 6_000_000


def test_each_chart_has_data_of_its_own_name_a_description_and_nothing_from_outside() -> None:
    made = charts()
    assert list(made) == ["sentiment", "quality", "tone", "outcome", "phrases", "entities"]
    assert all(spec["data"] == {"name": name} and spec["description"] for name, spec in made.items())
    assert '"url"' not in json.dumps(made)
