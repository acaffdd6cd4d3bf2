"""A recording that arrives gets exactly the job its tenant and its channels call for."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from . import fakes
from .world import INPUT, KEY, OUTPUT, World, arrival


def wav(channels: int, seconds: int = 1) -> bytes:
    data = bytes(8000 * 2 * channels * seconds)
    chunk = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, 8000, 8000 * 2 * channels, 2 * channels, 16)
    body = b"WAVE" + chunk + struct.pack("<4sI", b"data", len(data)) + data
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def started(world: World) -> dict[str, Any]:
    (request,) = world.aws.of("StartTranscriptionJob")
    return request


def test_the_output_is_encrypted_with_the_key_by_its_arn_below_the_tenants_temporary_folder(
    world: World,
) -> None:
    world.handle(world.upload())
    request = started(world)
    assert request["TranscriptionJobName"] == world.job()
    assert request["Media"] == {"MediaFileUri": f"s3://{INPUT}/{KEY}"}
    assert request["OutputBucketName"] == OUTPUT
    assert request["OutputKey"] == f"tmp/demo-tenant/{world.job()}/"
    assert request["OutputEncryptionKMSKeyId"] == fakes.KEY_ARN


def test_a_wav_with_two_channels_is_transcribed_by_channel(world: World) -> None:
    world.handle(world.upload("demo-tenant/calls/a.wav", wav(2)))
    assert started(world)["Settings"] == {"ChannelIdentification": True}


@pytest.mark.parametrize("body", [wav(1), wav(3), b"RIFF", b"not a wav at all"])
def test_any_other_recording_is_transcribed_by_speaker(world: World, body: bytes) -> None:
    world.handle(world.upload("demo-tenant/calls/a.wav", body))
    assert started(world)["Settings"] == {"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}


def test_only_the_header_of_a_recording_is_read(world: World) -> None:
    world.handle(world.upload("demo-tenant/calls/a.wav", wav(2)))
    assert [each["Range"] for each in world.aws.of("GetObject")] == ["bytes=0-4095"]


def test_language_is_identified_among_the_tenants_options(world: World) -> None:
    world.tenant(language="auto", language_options=["en-GB", "de-DE"])
    world.handle(world.upload())
    request = started(world)
    assert (request["IdentifyLanguage"], request["LanguageOptions"]) == (True, ["en-GB", "de-DE"])
    assert "LanguageCode" not in request and "ContentRedaction" not in request


@pytest.mark.parametrize(
    ("language", "redact", "asked"), [("en-US", True, True), ("en-US", False, False), ("en-GB", True, False)]
)
def test_transcribe_redacts_where_it_can_and_the_tenant_wants_it(
    world: World, language: str, redact: bool, asked: bool
) -> None:
    world.tenant(language=language, redact=redact)
    world.handle(world.upload())
    assert ("ContentRedaction" in started(world)) is asked


def test_every_record_of_an_event_is_started(world: World) -> None:
    events = [world.upload(f"demo-tenant/calls/{name}.mp3", name.encode()) for name in "abc"]
    answer = world.handle({"Records": [record for each in events for record in each["Records"]]})
    assert answer == {"recordings": 3} and len(world.transcribe.jobs) == 3


def test_an_event_of_eventbridge_names_the_key_as_it_is(world: World) -> None:
    world.upload(key := "demo-tenant/calls/a+b%20c.mp3")
    thing = {"key": key, "etag": world.s3.objects[INPUT, key].etag, "size": 5}
    world.handle({"detail-type": "Object Created", "detail": {"bucket": {"name": INPUT}, "object": thing}})
    assert started(world)["Media"]["MediaFileUri"].endswith("/a+b%20c.mp3")


@pytest.mark.parametrize("event", [{"Event": "s3:TestEvent"}, {}, {"detail-type": "Scheduled Event", "detail": {}}])
def test_events_about_nothing_cause_nothing(world: World, event: dict[str, Any]) -> None:
    assert world.handle(event) == {"recordings": 0}
    assert world.aws.operations == []


def test_an_object_of_another_bucket_is_left_alone(world: World) -> None:
    event = arrival(KEY)
    event["Records"][0]["s3"]["bucket"]["name"] = OUTPUT
    world.handle(event)
    assert world.aws.operations == []


def test_a_role_whose_rights_are_not_yet_obeyed_is_tried_again_and_no_failure_recorded(world: World) -> None:
    event = world.upload()
    told = "The specified S3 bucket can't be accessed. Make sure that you have write permission"

    def refuse(number: int, name: str, done: bool) -> None:
        if name == "StartTranscriptionJob":
            raise fakes.refusal(name, "BadRequestException", told)

    world.aws.plan = refuse
    with pytest.raises(fakes.ClientError):
        world.handle(event)
    assert world.s3.writes == []


@pytest.mark.parametrize("name", ["gone.wav", "gone.mp3", "gone.webm"])
def test_a_recording_that_is_gone_before_its_event_is_recorded_as_such(world: World, name: str) -> None:
    world.handle(arrival(f"demo-tenant/calls/{name}"))
    (failure,) = world.failures().values()
    assert failure["code"] == "RecordingGone"
