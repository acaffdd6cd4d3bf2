"""What becomes of work under way when the daemon is killed or stopped: nothing hangs, and nothing accepted is lost."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cci_lite.sandbox import control, processes
from tests.sandbox.conftest import Account, allow, make_function, operator, sample, until


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "state"
    control.down(tmp_path / "state")


def again(aws: Account) -> Account:
    """The account after a kill and a new start."""
    os.kill(aws.sandbox.pid, signal.SIGKILL)
    until(lambda: control.running(aws.sandbox.state) is None)
    return operator(control.up(aws.sandbox.state))


def test_a_query_that_was_interrupted_has_failed(state: Path) -> None:
    aws = operator(control.up(state))
    slow = "SELECT count(*) FROM range(200000) a, range(200000) b WHERE a < b"
    where = {"OutputLocation": "s3://some-bucket/"}
    query = aws.client("athena").start_query_execution(QueryString=slow, ResultConfiguration=where)["QueryExecutionId"]
    found = again(aws).client("athena").get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
    assert (found["State"], found["StateChangeReason"]) == ("FAILED", "interrupted: the sandbox was stopped")


def test_a_failed_event_is_in_the_queue_or_still_to_be_handled(state: Path) -> None:
    aws = operator(control.up(state))
    send = allow("sqs:SendMessage", on="arn:aws:sqs:eu-central-1:111122223333:failures")
    make_function(aws, "f", "def handler(event, context): raise RuntimeError('no' * 20000)", send)
    url = aws.client("sqs").create_queue(QueueName="failures")["QueueUrl"]
    arn = "arn:aws:sqs:eu-central-1:111122223333:failures"
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    # The disk has no room for the message, but for the event.
    resource.prlimit(aws.sandbox.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    aws.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"n": 1}))
    sqs = aws.client("sqs")

    def waiting() -> str:
        names = ["ApproximateNumberOfMessages"]
        return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"][names[0]])

    until(lambda: waiting() == "1")
    back = again(aws).client("sqs")
    found = until(lambda: back.receive_message(QueueUrl=url).get("Messages"))[0]
    assert json.loads(found["Body"])["requestPayload"] == {"n": 1}


def workers(aws: Account) -> list[int]:
    """The daemon's processes that turn speech into text."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            if parent == aws.sandbox.pid and "speech_worker" in (status.parent / "cmdline").read_text():
                found.append(int(status.parent.name))
    return found


def test_nothing_listens_on_after_the_daemon_and_the_job_is_done_after_the_next_start(state: Path) -> None:
    aws = operator(control.up(state))
    location = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket="calls-of-mine", CreateBucketConfiguration=location)
    aws.client("s3").put_object(Bucket="calls-of-mine", Key="call.wav", Body=sample())
    aws.client("transcribe").start_transcription_job(
        TranscriptionJobName="job",
        LanguageCode="en-US",
        Media={"MediaFileUri": "s3://calls-of-mine/call.wav"},
        OutputBucketName="calls-of-mine",
    )
    (worker,) = until(lambda: workers(aws))
    control.down(state)
    assert not processes.alive(worker)
    transcribe = operator(control.up(state)).client("transcribe")

    def ended() -> Any:
        job = transcribe.get_transcription_job(TranscriptionJobName="job")["TranscriptionJob"]
        return job if job["TranscriptionJobStatus"] in ("COMPLETED", "FAILED") else None

    assert until(ended, 60)["TranscriptionJobStatus"] == "COMPLETED"
