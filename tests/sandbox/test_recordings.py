"""Recordings as people send them, through the whole pipeline: each ends with a valid result or a recorded reason.

They are put into the bucket as any tool would: what the command does beyond that, the end-to-end tests show.
"""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import jsonschema
import numpy as np
import pytest

from cci_lite import sample
from cci_lite.payload.processor.naming import call_id
from cci_lite.payload.processor.result_schema import RESULT_SCHEMA
from tests.calls import scoring, shipped
from tests.calls.metrics import Hits
from tests.calls.sandboxed import Pipeline, pipeline
from tests.e2e.conftest import documents
from tests.sandbox.conftest import until

INPUT = "cci-lite-input-111122223333-eu-central-1-an"
Samples = np.ndarray


@pytest.fixture(scope="module")
def pipe() -> Iterator[Pipeline]:
    with pipeline() as made:
        yield made


#: Of the sample call: the agent's greeting, and the customer's first sentences. All that is heard costs computing.
SECONDS = 12


def recorded(seconds: int = SECONDS) -> tuple[Samples, int]:
    """The beginning of the sample call, shape (channels, n), and its rate."""
    with wave.open(str(sample.RECORDING)) as file:
        rate, data = file.getframerate(), file.readframes(seconds * file.getframerate())
    return np.frombuffer(data, "<i2").reshape(-1, 2).T.copy(), rate


def wav(samples: Samples, rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(len(samples))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.ascontiguousarray(samples.T).tobytes())
    return out.getvalue()


def encoded(container: str, codec: str, rate: int, picture: bool = False) -> bytes:
    """The call in another container, with a black picture where it is a video."""
    samples, made_at = recorded()
    frame = av.AudioFrame.from_ndarray(samples.T.reshape(1, -1), format="s16", layout="stereo")
    frame.sample_rate = made_at
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="stereo")
        if picture:
            _draw(file)
        resampler = av.AudioResampler(format=stream.format, layout="stereo", rate=rate, frame_size=4096)
        for part in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def german(rate: int) -> Samples:
    """Some seconds of one voice, shape (n,)."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
    with av.open(str(Path(__file__).with_name("german.flac"))) as file:
        frames = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
    return np.concatenate([each.to_ndarray()[0] for each in frames])


def _draw(file: Any) -> None:
    stream = file.add_stream("mpeg4", rate=1, width=32, height=32, pix_fmt="yuv420p")
    picture = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24").reformat(format="yuv420p")
    file.mux(stream.encode(picture))
    file.mux(stream.encode(None))


def four_hours_and_a_second() -> bytes:
    """Silence in one channel of 8 kHz, which FLAC makes small, and in its largest blocks soon."""
    out, second = io.BytesIO(), av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
    second.sample_rate = 8000
    with av.open(out, "w", format="flac") as file:
        quick = {"compression_level": "0", "frame_size": "65535"}
        stream = file.add_stream("flac", rate=8000, layout="mono", options=quick)
        for _ in range(4 * 3600 + 1):
            file.mux(stream.encode(second))
        file.mux(stream.encode(None))
    return out.getvalue()


def put(pipe: Pipeline, name: str, body: bytes) -> None:
    key = pipe.product.client("kms").describe_key(KeyId="alias/cci-lite-master-key")["KeyMetadata"]["Arn"]
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    pipe.product.client("s3").put_object(Bucket=INPUT, Key=f"american/calls/{name}", Body=body, **encryption)


def become(pipe: Pipeline, name: str) -> dict[str, Any] | None:
    """The result or the recorded failure of the recording; None as long as there is neither."""
    of_call = f"/{call_id(f'american/calls/{name}')}.json"
    found = [each for each in documents(pipe.product, "american/", of_call) if each]
    assert len(found) <= 1
    return found[0] if found else None


def sent(pipe: Pipeline, name: str, body: bytes) -> dict[str, Any]:
    """What became of the recording: a document that satisfies the result's schema, or a failure with a reason."""
    put(pipe, name, body)
    found = dict(until(lambda: become(pipe, name), 120, 0.25))
    if found["schema_version"] != "cci-lite-failure-v1":
        jsonschema.Draft202012Validator(RESULT_SCHEMA).validate(found)
    return found


def by_role(found: dict[str, Any], who: str) -> str:
    return " ".join(each["text"] for each in found["turns"] if each["speaker"] == who).lower()


def test_the_shipped_call_reaches_the_bars(pipe: Pipeline) -> None:
    """Judged as the evaluation judges its calls."""
    call = shipped.recording()
    score = scoring.score(call, sent(pipe, "sample.wav", call.path.read_bytes()), took_s=0)
    bars = {each.what: each.met for each in scoring.bars([score])}
    assert bars.pop("card numbers redacted") is False  # none is said
    assert set(bars.values()) == {True}
    assert (score.attribution, score.cuts, score.marks) == (1.0, Hits(), Hits())
    assert (score.qa, score.outcome_right, score.categories) == (Hits(3, 3, 3), True, Hits(3, 3, 3))


def test_one_voice_line_said_to_be_stereo_is_read_once_and_nobody_is_called_the_agent(pipe: Pipeline) -> None:
    samples, rate = recorded()
    mono = samples.astype(int).sum(axis=0).clip(-32768, 32767).astype("<i2")
    found = sent(pipe, "doubled.wav", wav(np.stack([mono, mono]), rate))
    text = " ".join(each["text"] for each in found["turns"]).lower()
    assert text.count("how can i help you") == text.count("really angry about my order") == 1
    assert (found["talk_agent_s"], found["talk_customer_s"]) == (None, None)
    assert "speakers" in [each["field"] for each in found["absent"]]


def test_a_silent_channel_leaves_its_person_without_words(pipe: Pipeline) -> None:
    samples, rate = recorded()
    samples[1] = 0
    found = sent(pipe, "silent-customer.wav", wav(samples, rate))
    assert {each["speaker"] for each in found["turns"]} == {"agent"}
    assert "how can i help you" in by_role(found, "agent")
    assert (found["talk_customer_s"], found["sentiment_customer"]) == (None, None)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("telephone.wav", "pcm_mulaw", 8_000), ("call.flac", "flac", 11_025), ("call.mp3", "libmp3lame", 16_000)],
)
def test_a_header_that_tells_the_channels_is_believed(pipe: Pipeline, name: str, codec: str, rate: int) -> None:
    """Of a telephone's companded WAV, of FLAC and of MP3."""
    found = sent(pipe, name, encoded(name.rpartition(".")[2], codec, rate))
    assert "how can i help you" in by_role(found, "agent")
    assert "angry" in by_role(found, "customer")
    assert found["duration_s"] == pytest.approx(SECONDS, abs=0.1)


def test_a_video_whose_header_is_not_read_is_heard_by_speaker(pipe: Pipeline) -> None:
    found = sent(pipe, "video.mp4", encoded("mp4", "aac", 16_000, picture=True))
    assert "how can i help you" in " ".join(each["text"] for each in found["turns"]).lower()
    assert {each["speaker"] for each in found["turns"]} == {"spk_0", "spk_1"}
    assert found["duration_s"] == pytest.approx(SECONDS, abs=2)


def test_a_recording_of_more_than_four_hours_is_refused_with_transcribes_reason(pipe: Pipeline) -> None:
    failure = sent(pipe, "four-hours.flac", four_hours_and_a_second())
    assert failure["schema_version"] == "cci-lite-failure-v1"
    assert "4 hour" in failure["reason"]


def test_the_part_of_a_call_in_another_language_does_not_cost_the_part_in_the_tenants(pipe: Pipeline) -> None:
    """The customer goes on in German (german.flac: a synthetic voice), which nobody here understands."""
    samples, rate = recorded(20)
    spoken = german(rate)
    rest = np.stack([np.zeros_like(spoken), spoken])
    found = sent(pipe, "two-languages.wav", wav(np.concatenate([samples, rest], axis=1), rate))
    assert found["duration_s"] == pytest.approx((samples.shape[1] + len(spoken)) / rate, abs=0.1)
    assert found["language"] == "en-US"
    first = " ".join(each["text"] for each in found["turns"] if each["end_s"] <= 21).lower()
    assert "how can i help you" in first and "really angry about my order" in first


def test_a_call_whose_end_nobody_heard_is_made_up_for_within_the_hour(pipe: Pipeline) -> None:
    """EventBridge keeps the end of the job to itself; the rule with the schedule then invokes the function."""
    events, transcribe = pipe.product.client("events"), pipe.product.client("transcribe")
    before = {each["TranscriptionJobName"] for each in jobs(transcribe)}
    events.disable_rule(Name="cci-lite-transcribe-state")
    try:
        put(pipe, "unheard.wav", wav(*recorded()))
        until(
            lambda: [each for each in jobs(transcribe) if each["TranscriptionJobName"] not in before and ended(each)],
            60,
        )
        assert become(pipe, "unheard.wav") is None
        hourly(pipe, datetime.now(UTC) + timedelta(hours=1))
    finally:
        events.enable_rule(Name="cci-lite-transcribe-state")
    found = become(pipe, "unheard.wav")
    assert found is not None and "how can i help you" in by_role(found, "agent")
    assert len(jobs(transcribe)) == len(before) + 1


def jobs(transcribe: Any) -> list[dict[str, Any]]:
    return list(transcribe.list_transcription_jobs()["TranscriptionJobSummaries"])


def ended(job: dict[str, Any]) -> bool:
    return job["TranscriptionJobStatus"] == "COMPLETED"


def hourly(pipe: Pipeline, moment: datetime) -> None:
    """What EventBridge sends at that time, with the function's own role and code."""
    event = {"source": "aws.events", "detail-type": "Scheduled Event", "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    answer = pipe.product.client("lambda").invoke(FunctionName="cci-lite-processor", Payload=json.dumps(event))
    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.load(answer["Payload"]) == {"recordings": 1}
