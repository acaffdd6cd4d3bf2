"""An ended job becomes one result, or one recorded reason."""

from __future__ import annotations

import pytest

from . import fakes
from .test_redo import rewrite
from .world import CALL, KEY, World, job_event, spoken


def test_a_two_channel_call_has_turns_talk_and_sentiment_by_person(world: World) -> None:
    result = world.call(CALL)
    assert [each["speaker"] for each in result["turns"]] == ["agent", "customer", "agent", "customer"]
    assert [each["i"] for each in result["turns"]] == [0, 1, 2, 3]
    assert result["talk"] == {"agent_s": result["talk_agent_s"], "customer_s": result["talk_customer_s"]}
    assert result["sentiment"]["per_speaker"].keys() == {"agent", "customer"}
    assert result["entities"] == [{"type": "LOCATION", "text": "Acme", "count": 1}]
    assert result["redacted"] == "comprehend" and "7946" not in str(result)


def test_the_flat_columns_repeat_the_structures(world: World) -> None:
    result = world.call(CALL)
    assert result["sentiment_label"] == result["sentiment"]["label"]
    assert result["sentiment_positive"] == result["sentiment"]["scores"]["positive"]
    assert result["silence_total_s"] == result["silence"]["total_s"]
    assert result["turns_count"] == len(result["turns"])
    assert result["action_items_count"] == len(result["action_items"])
    assert result["model_id"] == result["model"]["id"] == "eu.anthropic.claude-haiku-5-5"


def test_the_day_of_a_result_is_its_jobs_however_late_it_is_written(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)
    world.now = fakes.TODAY.replace(year=2027)
    world.ended(world.job())
    assert world.s3.writes[0].startswith("demo-tenant/2026/11/24/")
    assert world.results()[0]["processed_at"].startswith("2027")


def test_the_callers_own_start_time_is_kept(world: World) -> None:
    assert world.call(CALL, call_started_at="2026-11-01T10:00:00+01:00")["call_started_at"] == "2026-11-01T09:00:00Z"


def test_a_failed_job_is_recorded_with_transcribes_reason(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.fail(world.job(), "The data in your input media file isn't valid.")
    world.ended(world.job(), "FAILED")
    ((where, failure),) = world.failures().items()
    assert where == f"demo-tenant/_failed/{failure['call_id']}.json"
    assert failure["reason"] == "The data in your input media file isn't valid."
    assert (failure["job_name"], failure["source"]["key"]) == (world.job(), KEY)


def test_the_result_of_another_recording_is_never_replaced(world: World) -> None:
    result = world.call(CALL)
    rewrite(world, source={**result["source"], "key": "demo-tenant/calls/another.mp3"})
    before = world.results()
    world.call(CALL, body=b"other sound")
    assert world.results() == before
    (failure,) = world.failures().values()
    assert (failure["code"], failure["source"]["key"]) == ("NameTaken", KEY)


def test_a_new_version_of_a_recording_replaces_the_result_of_the_old_one(world: World) -> None:
    world.call(CALL)
    world.call(CALL, body=b"other sound")
    assert [each["job_name"] for each in world.results()] == [world.job()] and world.failures() == {}


def test_a_deleted_job_is_left_at_that(world: World) -> None:
    world.handle(job_event("cci-lite-" + "0" * 20))
    assert world.s3.writes == []


@pytest.mark.parametrize(("name", "status"), [("somebody-elses", "COMPLETED"), ("cci-lite-1", "IN_PROGRESS")])
def test_events_of_other_jobs_and_states_cause_nothing(world: World, name: str, status: str) -> None:
    world.handle(job_event(name, status))
    assert world.aws.operations == []


def test_a_transcript_that_lies_elsewhere_is_not_read(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)
    uri = "https://s3.eu-central-1.amazonaws.com/other-bucket/tmp/x.json"
    world.transcribe.jobs[world.job()]["Transcript"] = {"TranscriptFileUri": uri}
    world.ended(world.job())
    assert [each["code"] for each in world.failures().values()] == ["ForeignTranscript"]


def test_a_transcript_that_expired_is_a_recorded_failure(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)
    world.s3.objects = {place: each for place, each in world.s3.objects.items() if "tmp/" not in place[1]}
    world.ended(world.job())
    assert [each["code"] for each in world.failures().values()] == ["TranscriptGone"]


def test_a_language_comprehend_does_not_read_is_named_and_nothing_guessed(world: World) -> None:
    world.tenant(language="sv-SE")
    result = world.call(CALL)
    assert result["sentiment"] is None and result["key_phrases"] == []
    named = {each["field"] for each in result["absent"]}
    assert {"sentiment", "key_phrases", "entities", "redacted"} <= named
    assert "BatchDetectSentiment" not in world.aws.operations


def test_who_the_agent_is_is_not_guessed(world: World) -> None:
    result = world.call(spoken((0, 0, "hello"), (1, 3, "hi"), channels=False))
    assert [each["speaker"] for each in result["turns"]] == ["spk_0", "spk_1"]
    assert result["talk_agent_s"] is None and "speakers" in {each["field"] for each in result["absent"]}


def test_a_tenants_categories_are_found(world: World) -> None:
    rule = {"any": ["new invoice"], "said_by": "agent"}
    rules = [{"name": "correction", **rule}, {"name": "by customer", **rule, "said_by": "customer"}]
    world.tenant(categories=[*rules, {"name": "no farewell", "any": ["goodbye"], "absent": True}])
    assert world.call(CALL)["categories"] == ["correction", "no farewell"]
