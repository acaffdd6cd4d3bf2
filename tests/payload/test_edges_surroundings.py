"""Pace, pieces, schemas, prompts and connections of the function, at their edges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from types import SimpleNamespace
from typing import Any

import pytest

from cci_lite.payload.processor import clients as connections
from cci_lite.payload.processor import handler
from cci_lite.payload.processor.clients import Clients
from cci_lite.payload.processor.config import Tenant
from cci_lite.payload.processor.log import Log
from cci_lite.payload.processor.measures import Interruption, interruptions, silence, talk, words_per_minute
from cci_lite.payload.processor.pieces import cut, packed
from cci_lite.payload.processor.prompt import merging
from cci_lite.payload.processor.schema import errors
from cci_lite.payload.processor.transcript import Phrase
from cci_lite.payload.processor.work import _now


def test_the_message_about_the_parts_of_a_long_call_word_for_word() -> None:
    lines = merging(Tenant("t", outcomes=("sold",)), ["one", "two"]).split("\n")
    assert lines[0] == "These are summaries of the consecutive parts of one call. Report on the whole call."
    assert lines[1].startswith('<schema>{"type": "object"') and lines[1].endswith("}</schema>")
    assert '"sold"' in lines[1] and '"action_items"' not in lines[1] and '"qa"' not in lines[1]
    assert lines[2:] == ["<summaries>", "[0] part: one", "[1] part: two", "</summaries>"]


def test_time_is_told_in_milliseconds_since_the_invocation_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cci_lite.payload.processor.log.time.monotonic", lambda: 112.3456)
    assert Log("r", began=100.0).elapsed_ms() == 12346


def test_the_clock_of_results_is_utc() -> None:
    assert _now().tzinfo is UTC


def test_a_model_is_asked_in_its_own_region_by_one_patient_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, dict[str, Any]]] = []

    def client(service: str, **options: Any) -> object:
        made.append((service, options))
        return object()

    monkeypatch.setattr(connections.boto3, "client", client)
    ours = Clients()
    first, other = ours.bedrock("eu-central-1"), ours.bedrock("eu-west-1")
    assert ours.bedrock("eu-central-1") is first and other is not first
    assert [(service, options["region_name"]) for service, options in made] == [
        ("bedrock-runtime", "eu-central-1"),
        ("bedrock-runtime", "eu-west-1"),
    ]
    assert {options["config"].read_timeout for _, options in made} == {60}
    assert [ours.s3, ours.ssm, ours.transcribe, ours.comprehend] == [
        ours.s3,
        ours.ssm,
        ours.transcribe,
        ours.comprehend,
    ]
    assert [service for service, _ in made[2:]] == ["s3", "ssm", "transcribe", "comprehend"]
    assert all(options["config"].retries["mode"] == "adaptive" for _, options in made)


def test_lambda_hands_over_the_event_its_memory_its_request_id_and_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def handle(event: Any, work: Any, log: Log, left_ms: Callable[[], int]) -> dict[str, int]:
        seen.extend((event, work, log.request_id, left_ms()))
        return {"a": 1}

    monkeypatch.setattr(handler, "_work", lambda memory_mb: ("work of", memory_mb))
    monkeypatch.setattr(handler, "handle", handle)
    context = SimpleNamespace(
        memory_limit_in_mb="512", aws_request_id="request-7", get_remaining_time_in_millis=lambda: 9
    )
    assert handler.lambda_handler({"b": 2}, context) == {"a": 1}
    assert seen == [{"b": 2}, ("work of", 512), "request-7", 9]


def phrase(speaker: str, start: float, end: float, words: int = 1) -> Phrase:
    return Phrase(speaker, None, start, end, "word", words)


def test_talk_and_pace_are_by_speaker() -> None:
    said = [phrase("a", 0, 1.5, 3), phrase("b", 2, 4, 8), phrase("a", 5, 6.505, 4), phrase("c", 7, 7, 1)]
    assert talk(said) == {"a": 3.0, "b": 2.0, "c": 0.0}
    assert words_per_minute(said) == {"a": 140.0, "b": 240.0}


def test_silence_is_what_lies_before_between_and_after() -> None:
    said = [phrase("b", 5, 6), phrase("a", 1, 3), phrase("a", 2, 2.5)]
    assert silence(said, 10) == (7.0, 4.0)
    assert silence([], 3.456) == (3.46, 3.46) and silence(said, 5) == (3.0, 2.0)


def test_an_interruption_begins_while_another_goes_on_for_long_enough() -> None:
    said = [phrase("a", 0, 5), phrase("a", 1, 2), phrase("b", 4.5, 6), phrase("a", 5.75, 8), phrase("b", 8, 9)]
    assert interruptions(said) == [Interruption("b", 4.5)]
    assert interruptions([phrase("a", 0, 0.3), phrase("b", 0, 6)]) == [Interruption("b", 0)]
    assert interruptions([phrase("a", 0, 0.29), phrase("b", 0, 6)]) == []
    assert interruptions([phrase("b", 3, 6), phrase("a", 0, 5)]) == [Interruption("b", 3)]


def test_text_is_cut_at_spaces_and_never_inside_a_character() -> None:
    assert list(cut("one two three", 8)) == ["one two", "three"]
    assert list(cut("abcdef", 3)) == ["abc", "def"] and list(cut("abc", 3)) == ["abc"] and list(cut("", 3)) == []
    assert list(cut("ééé", 3)) == ["é", "é", "é"]
    assert packed(["a", " b ", "", "cc"], 3) == ["a b", "cc"]
    assert packed(["ab", "cd"], 5, "-") == ["ab-cd"] and packed(["ab", "cd"], 4, "-") == ["ab", "cd"]
    assert packed(["abcdef"], 4) == ["abcd", "ef"]


@pytest.mark.parametrize(
    ("schema", "good", "bad", "says"),
    [
        ({"minimum": 2}, [2, "x", None, True], 1.9, "$: must be at least 2"),
        ({"maximum": 2}, [2, "x"], 2.1, "$: must be at most 2"),
        ({"minLength": 2}, ["ab", 1], "a", "$: characters, at least 2"),
        ({"maxLength": 2}, ["ab", 111], "abc", "$: characters, at most 2"),
        ({"minItems": 1}, [[0], "", {}], [], "$: items, at least 1"),
        ({"maxItems": 1}, [[0], "ab"], [0, 1], "$: items, at most 1"),
        ({"type": ["integer", "null"]}, [1, 1.0, None], True, "$: must be integer or null"),
        ({"enum": [1, "a"]}, [1, "a", 1.0], True, "$: must be one of [1, 'a']"),
        ({"const": 0}, [0], False, "$: must be 0"),
        ({"pattern": "^a"}, ["ab", 7], "ba", "$: must match ^a"),
        ({"items": {"const": 1}}, [[1, 1], "x"], [1, 2], "$[1]: must be 1"),
        ({"properties": {"a": {"const": 1}}}, [{"a": 1}, {"b": 2}, 3], {"a": 2}, "$.a: must be 1"),
        ({"required": ["a"]}, [{"a": None}, []], {"b": 1}, "$.a: missing"),
        ({"additionalProperties": False}, [{}, 1], {"b": 1}, "$.b: not in the schema"),
        ({"additionalProperties": {"const": 1}}, [{"b": 1}], {"b": 2}, "$.b: must be 1"),
        ({"anyOf": [{"const": 1}, {"type": "null"}]}, [1, None], 2, "$: must be 1"),
    ],
)
def test_each_keyword_of_a_schema(schema: dict[str, Any], good: list[Any], bad: Any, says: str) -> None:
    assert [errors(schema, each) for each in good] == [[] for _ in good]
    assert errors(schema, bad) == [says]
