"""What a result says about itself: trends, what is absent and why, and failures named word for word."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.payload.processor.comprehend import TREND, _trend
from cci_lite.payload.processor.errors import code_of
from cci_lite.payload.processor.naming import call_id
from cci_lite.payload.processor.store import Recording

from . import fakes
from .test_start import wav
from .world import CALL, KEY, World, job_event, spoken


def quarter(positive: float, negative: float) -> dict[str, Any]:
    return {"scores": {"positive": positive, "negative": negative}}


@pytest.mark.parametrize(
    ("quarters", "trend"),
    [
        ([quarter(0, 0), quarter(1, 0)], "improving"),
        ([quarter(1, 0), quarter(0, 0)], "declining"),
        ([quarter(0, TREND), quarter(0, 0)], "steady"),
        ([quarter(0, 0), quarter(0, TREND)], "steady"),
        ([quarter(0, 0), None, quarter(0, 1), quarter(1, 0)], "improving"),
        ([quarter(0, 0), None, None, None], None),
    ],
)
def test_a_trend_goes_from_the_first_known_quarter_to_the_last(quarters: list[Any], trend: str | None) -> None:
    assert _trend(quarters) == trend


def absent(result: dict[str, Any]) -> dict[str, str]:
    return {each["field"]: each["reason"] for each in result["absent"]}


def test_a_length_that_is_not_known_is_said_and_one_that_is_known_is_not(world: World) -> None:
    words = "the file's length is not known; measured to the last word"
    assert absent(world.call(CALL))["duration_s"] == words
    assert "duration_s" not in absent(world.call(CALL, "demo-tenant/calls/z.wav", wav(2, 60)))


def test_two_channels_that_say_the_same_are_told(world: World) -> None:
    text = "Good morning Acme how can I help you with your invoice today"
    result = world.call(spoken((0, 0.0, text), (1, 0.0, text)))
    assert absent(result)["channels"] == "both channels say the same: a mono call in two channels"
    assert absent(result)["speakers"].endswith(": the channels are not separate people")


def test_a_tenant_that_names_no_channel_is_told_so(world: World) -> None:
    world.tenant(agent_channel=None)
    assert absent(world.call(CALL))["speakers"].endswith(": not configured")


def test_what_an_event_is_answered_with(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), CALL)
    assert world.ended(world.job()) == {"jobs": 1}
    assert world.handle(job_event("somebody-elses")) == {"jobs": 0}


def test_a_recording_that_was_deleted_before_its_job_began_is_recorded(world: World) -> None:
    event = world.upload()
    del world.s3.objects[next(each for each in world.s3.objects if each[1] == KEY)]

    def plan(number: int, name: str, done: bool) -> None:
        if name == "StartTranscriptionJob":
            raise fakes.refusal(name, "BadRequestException", "Make sure that you have read permission")

    world.aws.plan = plan
    world.handle(event)
    (failure,) = world.failures().values()
    told = (failure["stage"], failure["code"], failure["reason"])
    assert told == ("start", "RecordingGone", "the recording was deleted before its job began")


def test_a_transcript_that_is_none_is_recorded(world: World) -> None:
    world.handle(world.upload())
    world.transcribe.complete(world.job(), {"results": None})
    world.ended(world.job())
    (failure,) = world.failures().values()
    assert (failure["stage"], failure["code"]) == ("read", "BadTranscript")
    assert failure["reason"].startswith("tmp/demo-tenant/") and " is no transcript: " in failure["reason"]


def test_a_document_is_stored_as_readable_json(world: World) -> None:
    world.call(spoken((0, 0.0, "Größe"), (1, 4.0, "ja")))
    ((_, stored),) = [(key, each) for (_, key), each in world.s3.objects.items() if key in world.s3.writes]
    assert "Größe".encode() in stored.body and stored.body.endswith(b"}\n")


def test_names_of_odd_files() -> None:
    assert call_id("t1/calls/...wav").startswith("call-")
    assert call_id("demo-tenant/calls/%%%.mp3").startswith("call-")
    assert Recording("b", "k", "e", 5).source() == {"bucket": "b", "key": "k", "etag": "e", "size": 5}


def test_a_refusal_without_a_code_has_none() -> None:
    assert code_of(fakes.ClientError({}, "Op")) == "" and code_of(fakes.ClientError({"Error": {}}, "Op")) == ""
