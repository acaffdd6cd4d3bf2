"""A disk without room: nothing is acknowledged that is not kept, and nobody waits for ever."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from typing import Any

import pytest

from cci_lite.sandbox.jobs import INTERNAL
from tests.sandbox.conftest import Account, refusal, silence, until

ROOM = 1_000_000


@pytest.fixture
def full(aws: Account) -> Iterator[None]:
    """The daemon can write no file that is larger than ROOM."""
    before = resource.prlimit(aws.sandbox.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(aws.sandbox.pid, resource.RLIMIT_FSIZE, (ROOM, before[1]))
    yield
    resource.prlimit(aws.sandbox.pid, resource.RLIMIT_FSIZE, before)


def test_an_object_that_cannot_be_kept_is_not_acknowledged(aws: Account, bucket: str, full: None) -> None:
    s3 = aws.client("s3")
    large = {"Bucket": bucket, "Key": "large", "Body": b"x" * (ROOM + 1)}
    assert refusal(s3.put_object, **large) == (
        "InternalError",
        "We encountered an internal error. Please try again.",
    )
    s3.put_object(Bucket=bucket, Key="small", Body=b"x")
    assert s3.get_object(Bucket=bucket, Key="small")["Body"].read() == b"x"


def test_state_that_cannot_be_kept_is_not_acknowledged(aws: Account, bucket: str, full: None) -> None:
    resource.prlimit(aws.sandbox.pid, resource.RLIMIT_FSIZE, (10_000, resource.RLIM_INFINITY))
    tags = [{"Key": f"{number:0128}", "Value": "v" * 256} for number in range(50)]
    code, _ = refusal(aws.client("s3").put_bucket_tagging, Bucket=bucket, Tagging={"TagSet": tags})
    assert code == "500"


@pytest.fixture
def media(aws: Account, bucket: str) -> str:
    """A recording, uploaded while there was room."""
    aws.client("s3").put_object(Bucket=bucket, Key="call.wav", Body=silence(seconds=2 * ROOM // 16000))
    return f"s3://{bucket}/call.wav"


def test_a_job_that_cannot_put_its_media_down_fails(
    aws: Account, bucket: str, media: str, full: None, name: str
) -> None:
    transcribe = aws.client("transcribe")
    transcribe.start_transcription_job(
        TranscriptionJobName=name, LanguageCode="en-US", Media={"MediaFileUri": media}, OutputBucketName=bucket
    )

    def failed() -> Any:
        job = transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
        return job if job["TranscriptionJobStatus"] == "FAILED" else None

    assert until(failed)["FailureReason"] == INTERNAL
    assert "OSError: [Errno 27]" in (aws.sandbox.state / "log").read_text()
