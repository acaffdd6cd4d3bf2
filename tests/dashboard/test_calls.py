"""What of a result document gets onto the page, and what happens to documents that are no results."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cci_lite.dashboard import read
from tests.dashboard.synthetic import documents

PLACE, TEXT = next(documents(1, turns=2))
RESULT: dict[str, Any] = json.loads(TEXT)


def test_a_result_is_shown_with_its_turns_and_lists_in_a_fixed_order_of_members() -> None:
    call = read([(PLACE, TEXT)]).calls[0]
    assert call["call_id"] == "call-00000000"
    assert [turn[:2] for turn in call["turns"]] == [[0.0, "agent"], [7.5, "customer"]]
    assert call["turns"][1][2] == RESULT["turns"][1]["text"]
    assert call["key_phrases"][0] == [RESULT["key_phrases"][0]["text"], RESULT["key_phrases"][0]["count"]]
    assert call["qa"][0][:3] == ["Greeted?", "yes", 20]


def test_the_newest_call_comes_first() -> None:
    assert [each["call_id"] for each in read(documents(3)).calls] == ["call-00000002", "call-00000001", "call-00000000"]


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "null",
        '"cci-lite-v1.1"',
        json.dumps({**RESULT, "schema_version": "other-v1"}),
        json.dumps({name: value for name, value in RESULT.items() if name != "call_id"}),
        json.dumps({**RESULT, "qa_score": "high"}),
        json.dumps({**RESULT, "duration_s": True}),
        json.dumps({**RESULT, "turns": "none"}),
        json.dumps({**RESULT, "turns": ["hello"]}),
        json.dumps({**RESULT, "turns": [{"start_s": "now", "speaker": "agent", "text": "hello"}]}),
        json.dumps({**RESULT, "call_started_at": "yesterday"}),
        json.dumps({**RESULT, "key_phrases": [{"text": "refund", "count": "many"}]}),
        json.dumps({**RESULT, "entities": [{"type": None, "text": "Friday", "count": 1}]}),
        json.dumps({**RESULT, "categories": 5}),
        json.dumps({**RESULT, "categories": [{"a": 1}]}),
        json.dumps({**RESULT, "duration_s": float("nan")}),
        json.dumps(RESULT).replace('"qa_score": ', '"qa_score": 1e999, "was": '),
        "[" * 100_000,
    ],
)
def test_what_is_no_result_is_named_once_and_the_good_ones_stay(text: str) -> None:
    found = read([("s3://results/bad.json", text), (PLACE, TEXT), ("s3://results/bad.json", text)])
    assert found.malformed == ("s3://results/bad.json",)
    assert [each["call_id"] for each in found.calls] == ["call-00000000"]
