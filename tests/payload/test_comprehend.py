"""Comprehend is asked within its limits and answered for in the right order."""

from __future__ import annotations

import pytest

from cci_lite.payload.processor.comprehend import Comprehend, ItemsFailedError, Units
from cci_lite.payload.processor.language import for_comprehend, for_pii
from cci_lite.payload.processor.pieces import cut, packed
from cci_lite.payload.processor.transcript import Phrase

from . import fakes


def service() -> tuple[Comprehend, fakes.Aws]:
    aws = fakes.Aws()
    return Comprehend(fakes.Comprehend(aws), "en"), aws


def phrase(speaker: str, start: float, text: str) -> Phrase:
    return Phrase(speaker, None, start, start + 1, text, 1)


def test_a_call_that_ends_better_than_it_began_improves() -> None:
    comprehend, _ = service()
    found = comprehend.sentiment([phrase("a", 0, "terrible"), phrase("b", 99, "thank you")], 100)
    assert found["trend"] == "improving"
    assert [each and each["label"] for each in found["per_quarter"]] == ["NEGATIVE", None, None, "POSITIVE"]
    assert {who: each["label"] for who, each in found["per_speaker"].items()} == {
        "a": "NEGATIVE",
        "b": "POSITIVE",
    }


def test_one_quarter_makes_no_trend() -> None:
    comprehend, _ = service()
    assert comprehend.sentiment([phrase("a", 0, "great")], 0)["trend"] is None


@pytest.mark.parametrize("text", ["word " * 60_000, "漢字" * 50_000, "é " * 50_000])
def test_requests_hold_at_most_25_texts_of_5000_bytes_and_lose_nothing(text: str) -> None:
    comprehend, aws = service()
    comprehend.sentiment([phrase("a", 0, text.strip())], 1)
    texts = [request["TextList"] for request in aws.of("BatchDetectSentiment")]
    assert all(len(each) <= 25 for each in texts)
    assert "".join(each for many in texts for each in many).replace(" ", "") == text.replace(" ", "")


def test_phrases_are_counted_once_whatever_their_case() -> None:
    comprehend, _ = service()
    found = comprehend.key_phrases(["Invoice and invoice and broadband bill"])
    assert found == [{"text": "Invoice", "count": 2}, {"text": "broadband bill", "count": 1}]


def test_a_text_that_was_not_judged_is_an_error() -> None:
    aws = fakes.Aws()
    with pytest.raises(ItemsFailedError):
        Comprehend(fakes.Comprehend(aws, broken=True), "en").entities(["x"])


def test_units_are_100_characters_and_at_least_three_a_text() -> None:
    units = Units()
    units.add(["x", "x" * 300, "x" * 301])
    assert units.count == 3 + 3 + 4


@pytest.mark.parametrize(
    ("transcribes", "comprehends", "pii"),
    [
        ("en-GB", "en", "en"),
        ("es-US", "es", "es"),
        ("de-CH", "de", None),
        ("zh-CN", "zh", None),
        ("zh-TW", "zh-TW", None),
        ("sv-SE", None, None),
        (None, None, None),
    ],
)
def test_languages_are_mapped_or_left_out(transcribes: str | None, comprehends: str | None, pii: str | None) -> None:
    assert (for_comprehend(transcribes), for_pii(transcribes)) == (comprehends, pii)


@pytest.mark.parametrize("text", ["", "abc", "abc def ghi", "ééééé", "漢字漢字", "a😀b😀c", "  x  y "])
def test_cutting_never_splits_a_character(text: str) -> None:
    pieces = list(cut(text.strip(), 5))
    assert all(len(each.encode()) <= 5 for each in pieces)
    assert "".join(pieces).replace(" ", "") == text.replace(" ", "")


def test_packing_fills_to_the_limit() -> None:
    assert packed(["aa", "", "bb", "cc"], 5) == ["aa bb", "cc"]
