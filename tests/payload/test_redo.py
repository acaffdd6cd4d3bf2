"""A finished call is done again from a stage; its transcript is never bought again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from cci_lite.payload.processor.prompt import PROMPT_VERSION
from cci_lite.payload.processor.stages import STAGES

from . import fakes
from .world import CALL, OUTPUT, REPLY, SILENCE, World

REQUEST = "0123456789abcdef" * 2
DAY = "2026/11/24"
MEASURES = ("talk", "silence", "words_per_minute", "interruptions", "duration_s", "turns_count")


def wish(world: World, stage: str = "analyse", **changed: Any) -> dict[str, Any]:
    call = world.results()[-1]["call_id"] if world.results() else "call-000000000000"
    event = {"cci-lite": "redo", "tenant": "demo-tenant", "call": call, "day": DAY, "from": stage, "request": REQUEST}
    return {**event, **changed}


def again(world: World, stage: str, **changed: Any) -> dict[str, Any]:
    world.now += timedelta(hours=1)
    assert world.handle(wish(world, stage, **changed)) == {"redo": 1}
    return world.results()[-1]


def expire(world: World, *parts: str) -> None:
    world.s3.objects = {place: each for place, each in world.s3.objects.items() if not set(parts) & set(_split(place))}


def _split(place: tuple[str, str]) -> list[str]:
    return place[1].split("/")


def asked(world: World, stage: str) -> set[str]:
    """Services that a redo from this stage talks to."""
    world.aws.operations.clear()
    again(world, stage)
    return set(world.aws.operations) - {"GetParameter", "GetObject", "PutObject"}


@pytest.mark.parametrize(
    ("stage", "operations"),
    [
        ("categories", set()),
        ("model", {"Converse"}),
        ("analyse", {"Converse", "BatchDetectSentiment", "BatchDetectKeyPhrases", "BatchDetectEntities"}),
    ],
)
def test_only_the_stage_and_those_after_it_cost_anything(world: World, stage: str, operations: set[str]) -> None:
    world.call(CALL)
    assert asked(world, stage) == operations


def test_from_the_transcript_everything_is_done_again_but_transcribe(world: World) -> None:
    world.call(CALL)
    assert "StartTranscriptionJob" not in asked(world, "transcript")
    assert {"GetTranscriptionJob", "DetectPiiEntities", "Converse"} <= set(world.aws.operations)
    assert len(world.transcribe.jobs) == 1


@pytest.mark.parametrize("stage", STAGES)
def test_nothing_that_did_not_change_comes_out_differently(world: World, stage: str) -> None:
    before = world.call(CALL)
    after = again(world, stage)
    changing = {"processed_at", "provenance", "cost", "cost_usd", "cost_gbp"}
    same = before.keys() - changing
    assert {name: after[name] for name in same} == {name: before[name] for name in same}


def test_the_result_tells_when_from_where_and_what_it_replaced(world: World) -> None:
    before = world.call(CALL)
    after = again(world, "model")
    assert after["provenance"]["redone"] == {
        "at": "2026-11-25T00:59:58Z",
        "from": "model",
        "request": REQUEST,
        "previous_processed_at": before["processed_at"],
    }
    assert after["processed_at"] == "2026-11-25T00:59:58Z"
    assert after["provenance"]["prompt_version"] == PROMPT_VERSION


def test_a_prompt_that_was_not_asked_again_keeps_its_version(world: World) -> None:
    result = world.call(CALL)
    rewrite(world, provenance={**result["provenance"], "prompt_version": "0"})
    assert again(world, "categories")["provenance"]["prompt_version"] == "0"
    assert again(world, "model", request="f" * 32)["provenance"]["prompt_version"] == PROMPT_VERSION


def rewrite(world: World, **fields: Any) -> None:
    """Somebody changes the result that lies in the bucket."""
    (key,) = {each for each in world.s3.writes if "_failed/" not in each}
    stored = world.s3.objects[OUTPUT, key]
    document = {**json.loads(stored.body), **fields}
    world.s3.objects[OUTPUT, key] = fakes.Stored(json.dumps(document).encode(), world.now)


def test_new_rules_and_a_new_rubric_are_what_it_is_done_again_for(world: World) -> None:
    world.call(CALL)
    world.tenant(
        categories=[{"name": "correction", "any": ["new invoice"]}],
        qa_rubric=[{"id": "greeting", "question": "Any greeting?", "points": 5}],
        outcomes=["corrected"],
    )
    world.bedrock.usual = json.dumps({**REPLY, "summary": "A second look.", "outcome": "corrected"})
    only_rules = again(world, "categories")
    assert only_rules["categories"] == ["correction"] and only_rules["outcome"] == "resolved"
    after = again(world, "model", request="f" * 32)
    assert (after["summary"], after["outcome"], after["qa_score"]) == ("A second look.", "corrected", 100.0)


def test_the_result_is_enough_when_recording_and_transcript_are_gone(world: World) -> None:
    before = world.call(CALL)
    expire(world, "tmp", "calls")
    after = again(world, "analyse")
    assert {name: after[name] for name in MEASURES} == {name: before[name] for name in MEASURES}
    assert after["turns"] == before["turns"] and world.failures() == {}


@pytest.mark.parametrize(
    ("lost", "code"),
    [(lambda w: expire(w, "tmp"), "TranscriptGone"), (lambda w: w.transcribe.jobs.clear(), "JobGone")],
)
def test_a_transcript_that_is_gone_is_said_to_be_and_the_result_stays(
    world: World, lost: Callable[[World], None], code: str
) -> None:
    before = world.call(CALL)
    lost(world)
    assert again(world, "transcript") == before
    ((where, failure),) = world.failures().items()
    assert where == f"demo-tenant/_failed/{before['call_id']}.json"
    assert (failure["code"], failure["request"], failure["job_name"]) == (code, REQUEST, world.job())


def test_an_agent_on_the_other_channel_is_put_right_from_the_transcript(world: World) -> None:
    world.call(CALL)
    world.tenant(agent_channel=1)
    assert [each["speaker"] for each in again(world, "transcript")["turns"]][:2] == ["customer", "agent"]


def test_a_tenant_that_now_wants_redaction_gets_it(world: World) -> None:
    world.tenant(redact=False)
    assert "7946" in str(world.call(CALL))
    world.tenant(redact=True)
    after = again(world, "analyse")
    assert "7946" not in str(after) and after["redacted"] == "comprehend"


def test_what_it_cost_is_added_up_and_the_transcript_counted_once(world: World) -> None:
    before = world.call(CALL)["cost"]
    after = again(world, "model")["cost"]
    assert after["transcribe"] == before["transcribe"] and after["comprehend"] == before["comprehend"]
    assert after["bedrock"] == pytest.approx(2 * before["bedrock"])


def test_a_transcript_costs_what_it_cost_when_it_was_bought(world: World) -> None:
    before = world.call(CALL)
    rewrite(world, cost={**before["cost"], "transcribe": 0.5})
    assert again(world, "transcript")["cost"]["transcribe"] == 0.5


def test_reasons_of_stages_done_again_are_forgotten_and_others_kept(world: World) -> None:
    world.bedrock.replies = ["no json", "again none"]
    before = {each["field"] for each in world.call(CALL)["absent"]}
    assert {"summary", "model.part_1", "duration_s"} <= before
    after = {each["field"] for each in again(world, "model")["absent"]}
    assert "summary" not in after and "model.part_1" not in after and "duration_s" in after


def test_a_silent_call_stays_silent(world: World) -> None:
    world.call(SILENCE)
    assert again(world, "analyse")["summary"] == "no speech"


def test_the_same_wish_twice_is_carried_out_once(world: World) -> None:
    world.call(CALL)
    again(world, "model")
    before = dict(world.s3.objects)
    world.aws.operations.clear()
    world.handle(wish(world, "model"))
    assert world.s3.objects == before and "Converse" not in world.aws.operations


def test_a_redo_that_is_overtaken_loses_and_says_so(world: World) -> None:
    world.call(CALL)

    def meanwhile(number: int, name: str, done: bool) -> None:
        if name == "Converse" and done:
            world.aws.plan = lambda number, name, done: None
            world.handle(wish(world, "model", request="f" * 32))

    world.aws.plan = meanwhile
    after = again(world, "model")
    assert after["provenance"]["redone"]["request"] == "f" * 32
    assert [(each["code"], each["request"]) for each in world.failures().values()] == [("Overtaken", REQUEST)]


def test_a_write_whose_answer_was_lost_is_known_as_our_own(world: World) -> None:
    world.call(CALL)
    twice = iter([True])

    def lost(number: int, name: str, done: bool) -> None:
        # botocore sends the request again, and S3 refuses the second: our own first one is in the way.
        if name == "PutObject" and done and next(twice, False):
            raise fakes.refusal(name, "PreconditionFailed")

    world.aws.plan = lost
    assert again(world, "model")["provenance"]["redone"]["request"] == REQUEST
    assert world.failures() == {}


@pytest.mark.parametrize("operation", ["BatchDetectSentiment", "Converse", "PutObject"])
def test_a_fault_is_raised_and_the_repeated_event_gives_the_result(world: World, operation: str) -> None:
    before = world.call(CALL)
    hit = iter([True])

    def plan(number: int, name: str, done: bool) -> None:
        if name == operation and not done and next(hit, False):
            raise fakes.refusal(name, "ConditionalRequestConflict")

    world.aws.plan = plan
    with pytest.raises(fakes.ClientError):
        world.handle(wish(world))
    assert world.results() == [before] and world.failures() == {}
    assert again(world, "analyse")["provenance"]["redone"]["request"] == REQUEST


@pytest.mark.parametrize("stage", ["analyse", "model"])
def test_a_model_that_gives_no_usable_reply_takes_nothing_from_the_result(world: World, stage: str) -> None:
    before = world.call(CALL)
    world.bedrock.replies = [fakes.refusal("Converse", "ValidationException", "the model has ended")]
    assert again(world, stage) == before
    (failure,) = world.failures().values()
    assert (failure["code"], failure["request"]) == ("NoReply", REQUEST) and "has ended" in failure["reason"]


def test_a_call_without_a_result_is_a_recorded_refusal(world: World) -> None:
    world.handle(wish(world, call="nobody-000000000000"))
    assert [each["code"] for each in world.failures().values()] == ["NoResult"]


def test_something_else_in_the_results_place_is_left_alone(world: World) -> None:
    world.call(CALL)
    rewrite(world, schema_version="cci-lite-v1.0")
    before = dict(world.s3.objects)
    world.handle(wish(world))
    assert [each["code"] for each in world.failures().values()] == ["OtherResult"]
    assert {place: each for place, each in world.s3.objects.items() if "_failed/" not in place[1]} == before


@pytest.mark.parametrize(
    "changed",
    [
        {"cci-lite": "forget"},
        {"tenant": "stranger"},
        {"tenant": "../x"},
        {"call": "a/../../b-000000000000"},
        {"call": "call-00000000"},
        {"day": "2026/13/45"},
        {"day": "2026-11-24"},
        {"from": "transcribe"},
        {"from": None},
        {"request": "one"},
        {"key": "demo-tenant/2026/11/24/x.json"},
    ],
)
def test_a_wish_of_another_form_causes_nothing(world: World, changed: dict[str, Any]) -> None:
    world.call(CALL)
    before = dict(world.s3.objects)
    world.handle(wish(world, **changed))
    assert world.s3.objects == before


def test_a_wish_without_one_of_its_texts_causes_nothing(world: World) -> None:
    world.call(CALL)
    before = dict(world.s3.objects)
    for name in wish(world).keys() - {"cci-lite"}:
        event = wish(world)
        del event[name]
        world.handle(event)
    assert world.s3.objects == before
