"""Fields of a result that are computed from two places at once: by role, by question asked, by who redacted."""

from __future__ import annotations

import json

import pytest

from cci_lite.payload.processor.redact import _without

from .test_redo import again
from .world import CALL, INPUT, KEY, REPLY, World, arrival, spoken


def test_an_interruption_is_told_by_whom_and_when_and_counted_for_both_roles(world: World) -> None:
    result = world.call(spoken((0, 0.0, "one two three four five six seven eight"), (1, 1.0, "no no")))
    assert result["interruptions"] == [{"by": "customer", "at_s": 1.0}]
    counts = [result[f"interruptions_{each}"] for each in ("count", "agent", "customer")]
    assert counts == [1, 0, 1]


def test_sentiment_stands_in_columns_for_both_roles(world: World) -> None:
    result = world.call(spoken((0, 0.0, "thank you great"), (1, 4.0, "this is terrible")))
    assert (result["sentiment_agent"], result["sentiment_customer"]) == ("POSITIVE", "NEGATIVE")


def test_a_length_is_rounded_to_hundredths(world: World) -> None:
    assert world.call(spoken((0, 0.0, "one"), (1, 1.111, "two")))["duration_s"] == 1.51


@pytest.mark.parametrize(("language", "usd"), [("en-US", 0.0066), ("en-GB", 0.006)])
def test_redaction_by_transcribe_is_paid_for(world: World, language: str, usd: float) -> None:
    world.tenant(language=language)
    assert world.call(spoken((0, 0.0, "one"), (1, 1.0, "two")))["cost"]["transcribe"] == usd


def test_every_question_to_the_model_is_counted(world: World) -> None:
    world.bedrock.replies = ["no json at all", json.dumps(REPLY)]
    model = world.call(CALL)["model"]
    assert (model["input_tokens"], model["output_tokens"]) == (2000, 200)


def test_documents_say_that_they_are_json(world: World) -> None:
    world.call(CALL)
    assert {each["ContentType"] for each in world.aws.of("PutObject")} == {"application/json"}


def test_raw_text_names_its_language_and_its_recording(world: World) -> None:
    world.tenant(raw_text_days=7)
    world.call(CALL)
    ((_, raw),) = world.raw().items()
    etag = world.s3.objects[INPUT, KEY].etag
    assert raw["language"] == "en-GB" and raw["source"] == {"bucket": INPUT, "key": KEY, "etag": etag, "size": 5}


def test_an_empty_object_of_eventbridge_is_known_by_its_size(world: World) -> None:
    key = "demo-tenant/calls/empty.mp3"
    world.upload(key, b"")
    thing = {"key": key, "etag": world.s3.objects[INPUT, key].etag, "size": 0}
    world.handle({"detail-type": "Object Created", "detail": {"bucket": {"name": INPUT}, "object": thing}})
    assert [each["code"] for each in world.failures().values()] == ["EmptyRecording"]


def test_an_event_without_an_etag_is_about_the_recording_that_is_there(world: World) -> None:
    world.upload()
    event = arrival(KEY)
    del event["Records"][0]["s3"]["object"]["eTag"]
    event["Records"] *= 2
    world.handle(event)
    assert list(world.transcribe.jobs) == [world.job()]


def test_doing_categories_again_changes_nothing_else(world: World) -> None:
    world.tenant(categories=[{"name": "greeted", "any": ["good morning"]}])
    before = world.call(CALL)
    world.tenant(categories=[{"name": "promised", "any": ["new invoice"]}])
    after = again(world, "categories")
    assert (before["categories"], after["categories"]) == (["greeted"], ["promised"])
    assert after["cost"]["transcribe"] == before["cost"]["transcribe"] and after["model"] == before["model"]


def test_a_tenants_own_rubric_is_what_points_are_given_for(world: World) -> None:
    world.tenant(qa_rubric=[{"id": "greeting", "question": "Any greeting?", "points": 5}])
    (answer,) = world.call(CALL)["qa"]
    assert (answer["question"], answer["points"]) == ("Any greeting?", 5)


def test_a_finding_over_several_lines_is_named_on_each_that_says_something() -> None:
    found = [{"Type": "PHONE", "BeginOffset": 2, "EndOffset": 10}]
    assert _without("a 020\n\n 79 b", found) == "a [PHONE]\n\n[PHONE] b"
