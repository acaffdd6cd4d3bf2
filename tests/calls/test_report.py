"""What the evaluation says of calls: the bars, the rows and the document, from figures given by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.calls import report, scoring
from tests.calls.metrics import Hits
from tests.calls.recordings import Recording
from tests.calls.scoring import Score
from tests.calls.scripts import Script, Truth


def call(name: str = "a", clean: bool = True, seconds: float = 300.0) -> Recording:
    script = Script(name, "", "american", {}, [], Truth("resolved", frozenset()), clean=clean)
    return Recording(script, Path("a.wav"), [], seconds)


def good(**changed: Any) -> Score:
    given: dict[str, Any] = {
        "redacted": "transcribe", "word_errors": 15, "words": 100, "talk_error_s": 3.0, "talk_s": 100.0,
        "attribution": 1.0, "cuts": Hits(1, 2, 3), "hidden": Hits(2, 2, 2), "cards": Hits(1, 1, 1),
        "marks": Hits(2, 2, 4), "categories": Hits(2, 3, 2), "signs": Hits(9, 10, 10), "qa": Hits(2, 3, 3),
        "outcome": "resolved", "cost_gbp": 0.1,
    }  # fmt: skip
    return Score(changed.pop("recording", call()), [], 4.0, **{**given, **changed})


def met(*scores: Score) -> list[bool]:
    return [bar.met for bar in scoring.bars(scores)]


def test_every_bar_is_reached_exactly() -> None:
    assert met(good()) == [True] * 5


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        (0, {"word_errors": 16}),
        (1, {"talk_error_s": 3.01}),
        (2, {"cards": Hits(1, 2, 1)}),
        (2, {"cards": Hits()}),
        (3, {"signs": Hits(8, 9, 9)}),
    ],
)
def test_a_bar_is_missed_by_the_smallest_step(place: int, changed: dict[str, Any]) -> None:
    assert met(good(**changed)) == [each != place for each in range(5)]


def test_one_bad_call_is_not_made_up_for_by_good_ones() -> None:
    assert met(good(word_errors=0), good(word_errors=16)) == [False, True, True, True, True]


def test_noisy_calls_count_for_everything_but_words_and_talk_time() -> None:
    noisy = good(recording=call(clean=False), word_errors=90, talk_error_s=50.0, cards=Hits(0, 1, 0))
    assert met(good(), noisy) == [True, True, False, True, True]


def test_a_result_that_fails_its_schema_and_a_recorded_failure_are_counted() -> None:
    broken = scoring.score(call(), {"schema_version": "cci-lite-v1.1"}, 1.0)
    failed = scoring.score(call(), {"schema_version": "cci-lite-failure-v1", "reason": "too short"}, 1.0)
    assert failed.wrong == ["too short"] and "'tenant_id' is a required property" in broken.wrong
    assert met(good(), broken, failed) == [True, True, True, True, False]


def test_a_row_a_call_and_one_for_all() -> None:
    first, second, whole = report.rows([good(), replace(good(), recording=call("b"), outcome=None, word_errors=5)])
    assert first == [
        "a", "300", "15.0 %", "100.0 %", "3.0 %", "1 of 2, 2 false", "2 of 2", "2 of 4", "2 of 3", "9 of 10",
        "2 of 3", "1 of 1", "0.1000", "4",
    ]  # fmt: skip
    assert (second[0], second[2], second[11]) == ("b", "5.0 %", "0 of 1")
    assert (whole[0], whole[1], whole[2], whole[11], whole[12]) == ("all", "600", "10.0 %", "1 of 2", "0.2000")
    assert (whole[9], whole[10]) == ("18 of 20", "4 of 6")


def test_a_call_without_a_result_has_an_empty_row() -> None:
    (row, _) = report.rows([Score(call(), ["too short"], 2.0)])
    assert row == ["a", "300", *["-"] * 11, "2"]


def test_the_document_has_its_date_the_bars_the_price_and_the_limits() -> None:
    other = good(recording=call("b"), outcome="escalated")
    text = report.document([good()], [other], date(2030, 1, 2), 61.0)
    assert "on 2030-01-02: 1 calls, and 1 held out" in text and "in 61 s" in text
    tuned, held_out = text.split("## Calls held out")
    assert "| a | 300 |" in tuned and "| 1 of 1 | 0.1000 | 4 |" in tuned and "| b |" not in tuned
    assert "| b | 300 |" in held_out and "| 0 of 1 | 0.1000 | 4 |" in held_out
    assert "| sign of sentiment right | 9 of 10 | 9 of 10 | met |" in text
    assert "Ten minutes of `a` cost GBP 0.200" in text
    assert text.endswith((Path(report.__file__).parent / "limits.md").read_text(encoding="utf-8"))
