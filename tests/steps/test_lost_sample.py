"""The sample call's result is lost while its recording and its job are still there: provision makes another one."""

from __future__ import annotations

import time

from cci_lite.payload.processor.naming import job_name
from cci_lite.steps.recordings import long_done
from tests.steps.test_drift import INPUT, RESULTS
from tests.world import World, account

SAMPLE = "demo-tenant/calls/cci-lite-sample.wav"


def transcribed(world: World) -> None:
    """What moto leaves out: the job of the sample, which AWS shows for 90 days."""
    etag = world.rules.look("s3").head_object(Bucket=INPUT, Key=SAMPLE)["ETag"].strip('"')
    transcribe, name = world.rules.look("transcribe"), job_name(INPUT, SAMPLE, etag)
    transcribe.start_transcription_job(
        TranscriptionJobName=name, Media={"MediaFileUri": f"s3://{INPUT}/{SAMPLE}"}, LanguageCode="en-GB"
    )
    states = (transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"] for _ in range(5))
    assert "COMPLETED" in [each["TranscriptionJobStatus"] for each in states]


def lost(world: World) -> None:
    s3 = world.rules.look("s3")
    for each in s3.list_objects_v2(Bucket=RESULTS, Prefix="demo-tenant/2")["Contents"]:
        s3.delete_object(Bucket=RESULTS, Key=each["Key"])


def uploads(world: World) -> list[str]:
    """The conditions under which the sample was uploaded, in order."""
    puts = [each.params for each in world.rules.calls if each.name == "s3:PutObject" and each.params["Key"] == SAMPLE]
    return [name for each in puts for name in ("IfNoneMatch", "IfMatch") if name in each]


def later(world: World, minutes: int) -> None:
    """moto dates things by the real clock."""
    world.clock.sleep(time.time() + minutes * 60 - world.clock.now())


def test_a_lost_result_is_made_again_once_the_function_cannot_be_at_work_any_more() -> None:
    with account() as world:
        world.stand()
        assert not long_done(world.cloud, INPUT, SAMPLE)
        transcribed(world)
        later(world, 19)
        assert not long_done(world.cloud, INPUT, SAMPLE)
        later(world, 21)
        assert long_done(world.cloud, INPUT, SAMPLE)
        assert not long_done(world.cloud, INPUT, "demo-tenant/calls/nothing.wav")
        lost(world)
        world.rules.forget()
        assert (world.provision()["sample-call"].result, uploads(world)) == ("created", ["IfNoneMatch", "IfMatch"])
