"""Whatever arrives ends with a valid result or a recorded reason."""

from __future__ import annotations

import json
import re

import pytest

from . import fakes
from .world import CALL, SILENCE, World, spoken


def test_a_recording_without_content_is_a_recorded_failure(world: World) -> None:
    world.handle(world.upload(body=b""))
    (failure,) = world.failures().values()
    assert (failure["schema_version"], failure["code"]) == ("cci-lite-failure-v1", "EmptyRecording")


def test_a_folder_marker_is_nothing(world: World) -> None:
    world.handle(world.upload("demo-tenant/calls/", b""))
    assert world.aws.operations == []


def test_a_suffix_transcribe_does_not_take_is_a_recorded_failure(world: World) -> None:
    world.handle(world.upload("demo-tenant/calls/notes.txt"))
    assert [each["code"] for each in world.failures().values()] == ["UnsupportedFormat"]


@pytest.mark.parametrize(
    "key", ["stranger/calls/a.mp3", "tmp/calls/a.mp3", "Acme/calls/a.mp3", "demo-tenant\n/calls/a.mp3"]
)
def test_an_unregistered_tenant_gets_no_folder_and_no_job(world: World, key: str) -> None:
    world.handle(world.upload(key))
    assert world.transcribe.jobs == {}
    (where,) = world.failures()
    assert where.startswith("_failed/") and world.failures()[where]["tenant_id"] is None


@pytest.mark.parametrize(
    "name", ["call 1 (2).wav", "été+früh.mp3", "a%20b.mp3", "2026.11.24.call.wav", "‮evil.mp3", "=1+1.mp3"]
)
def test_any_file_name_ends_in_a_result(world: World, name: str) -> None:
    result = world.call(CALL, f"demo-tenant/calls/{name}")
    assert result["source"]["key"] == f"demo-tenant/calls/{name}"
    assert re.fullmatch(r"demo-tenant/2026/11/24/[0-9A-Za-z._-]+\.json", world.s3.writes[0])


def test_a_silent_call_has_a_result_without_sentiment_and_asks_nobody(world: World) -> None:
    result = world.call(SILENCE)
    assert (result["speech"], result["summary"], result["sentiment"]) == (False, "no speech", None)
    assert "Converse" not in world.aws.operations and "BatchDetectSentiment" not in world.aws.operations


@pytest.mark.parametrize("word", ["\0", "\u202e", " ", ""])
def test_a_call_of_nothing_that_can_be_shown_is_silent(world: World, word: str) -> None:
    document = spoken((0, 0, "x"), (1, 2, "x"))
    result = world.call(json.loads(json.dumps(document).replace('"content": "x"', f'"content": {json.dumps(word)}')))
    assert result["speech"] is False


@pytest.mark.parametrize("word", ["é" * 2_400, "漢" * 1_700, "😀" * 5_000, "a" * 20_000])
def test_long_words_of_many_bytes_stay_within_comprehends_limit(world: World, word: str) -> None:
    result = world.call(spoken(*((0, 10.0 * place, word) for place in range(40))))
    assert result["sentiment_label"] == "NEUTRAL" and result["turns"][0]["text"].count(word[0]) == 40 * len(word)


def test_control_and_direction_characters_are_taken_out(world: World) -> None:
    result = world.call(spoken((0, 0, "he\0llo \u202eabc\u202c שלום a\tb\ud800")))
    assert result["turns"][0]["text"] == "hello abc שלום a b"


@pytest.mark.parametrize(
    "said", ["<script>alert(1)</script>", '=HYPERLINK("http://x")', "@SUM(1)", '"},{"x":"', "\u2028x"]
)
def test_markup_and_formulas_stay_text_on_one_line(world: World, said: str) -> None:
    result = world.call(spoken((0, 0, said)))
    assert result["turns"][0]["text"] == said.strip()
    body = world.s3.objects[next(place for place in world.s3.objects if place[1] == world.s3.writes[0])].body
    assert body.endswith(b"}\n") and body.count(b"\n") == 1


def test_two_megabytes_of_talk_by_one_person_are_read_to_the_cap_and_said_to_be_truncated(
    world: World,
) -> None:
    result = world.call(
        spoken(*((0, 4_000.0 * place, f"{'terrible' * 71} word " * 14 + "end") for place in range(250)))
    )
    assert result["truncated"] is True and result["sentiment_label"] == "NEGATIVE"
    assert len(result["transcript_excerpt"]) == 2_000


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"no json",
        b"[]",
        {},
        {"results": []},
        {"results": {"items": [{"start_time": "x", "alternatives": [{"content": "x"}]}]}},
    ],
)
def test_a_transcript_that_is_none_is_a_recorded_failure(world: World, document: object) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), document)
    world.ended(world.job())
    assert [each["stage"] for each in world.failures().values()] == ["read"]


@pytest.mark.parametrize("told", ["", "yesterday", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00"])
def test_a_start_time_that_is_no_moment_gives_way_to_the_objects_own(world: World, told: str) -> None:
    result = world.call(CALL, call_started_at=told)
    assert result["call_started_at"] == "2026-11-24T23:59:58Z"


def test_an_early_start_time_is_written_with_four_digits(world: World) -> None:
    assert world.call(CALL, call_started_at="0999-01-02T03:04:05Z")["call_started_at"] == "0999-01-02T03:04:05Z"


def test_the_bytes_written_are_under_the_projects_key(world: World) -> None:
    world.call(CALL)
    (request,) = world.aws.of("PutObject")
    assert (request["ServerSideEncryption"], request["SSEKMSKeyId"]) == ("aws:kms", fakes.KEY_ARN)
