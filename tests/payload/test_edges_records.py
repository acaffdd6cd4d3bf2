"""What is written about calls that went wrong, and the log lines beside it, word for word."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from cci_lite.payload.processor.naming import call_id

from . import fakes
from .test_redo import DAY, REQUEST, again, expire, rewrite, wish
from .world import CALL, INPUT, KEY, OUTPUT, World, arrival, job_event

CALL_ID = call_id(KEY)
RESULT = f"demo-tenant/{DAY}/{CALL_ID}.json"
FAILED = f"demo-tenant/_failed/{CALL_ID}.json"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """What was logged, without what every line has."""
    always = ("elapsed_ms", "request_id")
    found = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    return [{name: value for name, value in each.items() if name not in always} for each in found]


def line(stage: str, **told: Any) -> dict[str, Any]:
    return {"stage": stage, "tenant": "demo-tenant", "call_id": CALL_ID, **told}


def test_a_recording_that_cannot_be_started_is_recorded_whole(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    key = "demo-tenant/calls/notes.txt"
    world.handle(world.upload(key))
    name = call_id(key)
    assert world.failures() == {
        f"demo-tenant/_failed/{name}.json": {
            "schema_version": "cci-lite-failure-v1",
            "tenant_id": "demo-tenant",
            "call_id": name,
            "source": {"bucket": INPUT, "key": key, "etag": fakes.Stored(b"sound", world.now).etag},
            "stage": "start",
            "reason": "the file's suffix is none that Transcribe takes",
            "code": "UnsupportedFormat",
            "job_name": None,
            "failed_at": "2026-11-24T23:59:58Z",
        }
    }
    told = {"code": "UnsupportedFormat", "at": "start"}
    assert lines(capsys) == [{"stage": "failed", "tenant": "demo-tenant", "call_id": name, **told, "recorded": True}]
    world.handle(world.upload(key))
    assert lines(capsys)[0]["recorded"] is False


@pytest.mark.parametrize(
    ("key", "code", "reason"),
    [
        ("Bad Tenant/calls/a.mp3", "InvalidTenant", "the key is not TENANT/calls/FILE with a valid tenant"),
        ("nobody/calls/a.mp3", "UnregisteredTenant", "tenant nobody is not registered"),
    ],
)
def test_what_belongs_to_nobody_is_recorded_apart(world: World, key: str, code: str, reason: str) -> None:
    world.handle(world.upload(key))
    (place, failure), *more = world.failures().items()
    assert (place, more) == (f"_failed/{call_id(key)}.json", [])
    found = (failure["tenant_id"], failure["stage"], failure["code"], failure["reason"])
    assert found == (None, "tenant", code, reason)


def test_the_same_failure_is_written_once_and_another_one_in_its_place(world: World) -> None:
    notes = "demo-tenant/calls/notes.txt"
    world.handle(world.upload(notes))
    assert [each["code"] for each in world.failures().values()] == ["UnsupportedFormat"]
    world.now += timedelta(hours=1)
    world.handle(world.upload(notes))
    assert [each["failed_at"] for each in world.failures().values()] == ["2026-11-24T23:59:58Z"]
    world.handle(world.upload(notes, b"others"))
    assert [each["source"]["etag"] for each in world.failures().values()] == [world.s3.objects[INPUT, notes].etag]


def test_a_failed_job_is_recorded_with_its_name(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.handle(world.upload())
    world.transcribe.fail(world.job(), "the file is damaged")
    world.ended(world.job(), "FAILED")
    (failure,) = world.failures().values()
    told = (failure["stage"], failure["code"], failure["reason"], failure["job_name"], failure["tenant_id"])
    assert told == ("transcribe", "TranscriptionFailed", "the file is damaged", world.job(), "demo-tenant")
    started, failed = lines(capsys)
    assert started == line("started", job=world.job())
    assert failed == line("failed", job=world.job(), code="TranscriptionFailed", at="transcribe", recorded=True)


def test_a_refusal_by_aws_is_recorded_in_its_own_words(world: World) -> None:
    def plan(number: int, name: str, done: bool) -> None:
        if name == "StartTranscriptionJob":
            raise fakes.refusal(name, "BadRequestException", "the media is not supported")

    world.aws.plan = plan
    world.handle(world.upload())
    (failure,) = world.failures().values()
    told = (failure["stage"], failure["code"], failure["reason"])
    assert told == ("StartTranscriptionJob", "BadRequestException", "the media is not supported")


def test_a_job_that_runs_already_is_adopted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    event = world.upload()
    world.handle(event)
    world.handle(event)
    assert lines(capsys) == [
        line("started", job=world.job()),
        line("adopted", job=world.job(), status="IN_PROGRESS"),
    ]


@pytest.mark.parametrize("status", ["COMPLETED", "FAILED"])
def test_a_job_that_ended_unheard_is_finished_when_its_recording_is_announced_again(world: World, status: str) -> None:
    event = world.upload()
    world.handle(event)
    if status == "COMPLETED":
        world.transcribe.complete(world.job(), CALL)
    else:
        world.transcribe.fail(world.job(), "damaged")
    assert world.documents() == {}
    world.handle(event)
    assert list(world.documents()) == [RESULT if status == "COMPLETED" else FAILED]


def test_a_finished_call_tells_each_of_its_stages(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    result = world.call(CALL)
    job = world.job()
    cost, absent = result["cost_gbp"], len(result["absent"])
    assert lines(capsys) == [
        line("started", job=job),
        line("transcribed", job=job, turns=4, language="en-GB"),
        line("finished", job=job, absent=absent, cost_gbp=cost),
    ]
    world.ended(job)
    assert lines(capsys) == [line("already_done", job=job)]


def test_events_that_are_not_ours_are_told_and_left_alone(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = {"tenant": None, "call_id": None}
    world.handle(job_event("somebody-elses"))
    world.handle(job_event("cci-lite-x", "IN_PROGRESS"))
    world.handle(job_event("cci-lite-gone"))
    world.handle({"Event": "s3:TestEvent"})
    world.handle({"detail-type": "x" * 100})
    assert lines(capsys) == [
        {"stage": "ignored", **nobody, "kind": "job"},
        {"stage": "ignored", **nobody, "kind": "job"},
        {"stage": "job_gone", **nobody, "job": "cci-lite-gone"},
        {"stage": "ignored", **nobody, "kind": "s3:TestEvent"},
        {"stage": "ignored", **nobody, "kind": "x" * 64},
    ]


def test_a_marker_and_an_object_elsewhere_are_told_apart(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    elsewhere = arrival(KEY)
    elsewhere["Records"][0]["s3"]["bucket"]["name"] = OUTPUT
    world.handle(arrival("demo-tenant/calls/"))
    world.handle(elsewhere)
    assert [(each["stage"], each["kind"]) for each in lines(capsys)] == [("ignored", "marker"), ("ignored", "bucket")]


def test_an_error_that_is_tried_again_is_told_by_its_kind(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def plan(number: int, name: str, done: bool) -> None:
        raise fakes.refusal(name, "ThrottlingException", "slow down")

    world.aws.plan = plan
    with pytest.raises(fakes.ClientError):
        world.handle(world.upload())
    assert lines(capsys) == [line("retry", error="ClientError")]


def test_a_redo_tells_what_it_did_and_a_second_one_that_it_was_done(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.call(CALL)
    lines(capsys)
    after = again(world, "model")
    assert lines(capsys) == [line("redone", request=REQUEST, first="model", cost_gbp=after["cost_gbp"])]
    again(world, "model")
    assert lines(capsys) == [line("already_done", request=REQUEST)]


@pytest.mark.parametrize(
    ("changed", "error"), [({"day": "2026/13/01"}, "ValueError"), ({"tenant": "nobody"}, "PermanentError")]
)
def test_a_wish_that_makes_no_sense_is_refused_and_nothing_is_written(
    world: World, capsys: pytest.CaptureFixture[str], changed: dict[str, str], error: str
) -> None:
    world.call(CALL)
    before = list(world.s3.writes)
    lines(capsys)
    world.handle(wish(world, **changed))
    assert lines(capsys) == [{"stage": "refused", "tenant": None, "call_id": None, "kind": "redo", "error": error}]
    assert world.s3.writes == before


def failed(world: World) -> dict[str, Any]:
    (failure,) = world.failures().values()
    return failure


def test_a_call_without_a_result_cannot_be_done_again(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.handle(wish(world, call=CALL_ID))
    assert world.failures() == {
        FAILED: {
            "schema_version": "cci-lite-failure-v1",
            "tenant_id": "demo-tenant",
            "call_id": CALL_ID,
            "source": {"bucket": None, "key": None, "etag": None},
            "stage": "redo",
            "reason": f"{RESULT} is absent",
            "code": "NoResult",
            "job_name": None,
            "failed_at": "2026-11-24T23:59:58Z",
            "request": REQUEST,
        }
    }
    assert lines(capsys) == [line("failed", code="NoResult", at="redo", request=REQUEST)]


def test_a_result_of_another_schema_is_not_touched(world: World) -> None:
    world.call(CALL)
    rewrite(world, schema_version="cci-lite-v9")
    world.handle(wish(world, call=CALL_ID))
    told = (failed(world)["stage"], failed(world)["code"], failed(world)["reason"])
    assert told == ("redo", "OtherResult", f"{RESULT} is no result of this version of the schema")
    assert failed(world)["job_name"] == world.job()
    assert failed(world)["source"] == {"bucket": INPUT, "key": KEY, "etag": world.s3.objects[INPUT, KEY].etag}


def test_a_job_that_transcribe_forgot_says_where_to_begin(world: World) -> None:
    world.call(CALL)
    job = world.job()
    world.transcribe.jobs.clear()
    world.handle(wish(world, "transcript"))
    told = (failed(world)["stage"], failed(world)["code"], failed(world)["reason"])
    assert told == ("redo", "JobGone", f"Transcribe has forgotten {job}; begin with analyse")


def test_a_transcript_that_expired_is_told(world: World) -> None:
    world.call(CALL)
    expire(world, "tmp")
    world.handle(wish(world, "transcript"))
    assert (failed(world)["stage"], failed(world)["code"]) == ("read", "TranscriptGone")
    assert failed(world)["reason"].startswith("tmp/demo-tenant/") and failed(world)["reason"].endswith(" is absent")


def test_a_refusal_during_a_redo_is_recorded_in_awss_words(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.call(CALL)
    lines(capsys)
    reads = iter(range(100))

    def plan(number: int, name: str, done: bool) -> None:
        if name == "GetObject" and not done and next(reads) == 1:  # the first read is the result, this the transcript
            raise fakes.refusal(name, "InvalidObjectState", "it is archived")

    world.aws.plan = plan
    world.handle(wish(world, "transcript"))
    told = (failed(world)["stage"], failed(world)["code"], failed(world)["reason"])
    assert told == ("GetObject", "InvalidObjectState", "it is archived")
    assert failed(world)["job_name"] == world.job() and failed(world)["request"] == REQUEST
    assert lines(capsys) == [line("failed", code="InvalidObjectState", at="GetObject", request=REQUEST)]


def test_a_result_that_changed_under_the_redo_is_left_and_told(world: World) -> None:
    result = world.call(CALL)

    def plan(number: int, name: str, done: bool) -> None:
        if name == "Converse" and not done:
            rewrite(world, summary="somebody else's")

    world.aws.plan = plan
    world.handle(wish(world, "model", call=result["call_id"]))
    told = (failed(world)["stage"], failed(world)["code"], failed(world)["reason"])
    assert told == ("redo", "Overtaken", "another run wrote the result at the same moment")
    assert world.results()[-1]["summary"] == "somebody else's"


@pytest.mark.parametrize("stage", ["analyse", "transcript"])
def test_a_redo_keeps_where_the_call_came_from(world: World, stage: str) -> None:
    before = world.call(CALL)
    after = again(world, stage)
    for name in ("source", "call_started_at", "job_name", "language", "duration_s", "absent", "turns"):
        assert after[name] == before[name], name
