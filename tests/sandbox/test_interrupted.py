"""What becomes of work under way when the daemon is killed or stopped: nothing hangs, and nothing accepted is lost."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cci_lite.sandbox import control, processes
from tests.sandbox.conftest import Account, allow, make_function, operator, silence, until


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = tmp_path_factory.mktemp("interrupted") / "state"
    yield made
    control.down(made)


@dataclass(frozen=True)
class Killed:
    """The account after a kill and a new start, and what was under way when it came."""

    aws: Account
    query: str
    queue: str


@pytest.fixture(scope="module")
def killed(state: Path) -> Killed:
    """Killed in the middle of a query, and with an event's failure in the queue that the disk had no room for."""
    aws = operator(control.up(state))
    url = failing(aws)
    endless = "SELECT count(*) FROM range(9000000) a, range(9000000) b WHERE a.range < b.range"
    where = {"OutputLocation": "s3://some-bucket/"}
    asked = aws.client("athena").start_query_execution(QueryString=endless, ResultConfiguration=where)
    # The disk has no room for the message, but for the event.
    resource.prlimit(aws.sandbox.pid, resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
    aws.client("lambda").invoke(FunctionName="f", InvocationType="Event", Payload=json.dumps({"n": 1}))
    sqs, about = aws.client("sqs"), {"QueueUrl": url, "AttributeNames": ["ApproximateNumberOfMessages"]}
    until(lambda: sqs.get_queue_attributes(**about)["Attributes"] == {"ApproximateNumberOfMessages": "1"})
    os.kill(aws.sandbox.pid, signal.SIGKILL)
    until(lambda: control.running(state) is None)
    return Killed(operator(control.up(state)), asked["QueryExecutionId"], url)


def failing(aws: Account) -> str:
    """Makes a function `f` that fails at length, and the queue where that is told: its address."""
    arn = "arn:aws:sqs:eu-central-1:111122223333:failures"
    url = str(aws.client("sqs").create_queue(QueueName="failures")["QueueUrl"])
    make_function(
        aws, "f", "def handler(event, context): raise RuntimeError('no' * 20000)", allow("sqs:SendMessage", on=arn)
    )
    aws.client("lambda").put_function_event_invoke_config(
        FunctionName="f", MaximumRetryAttempts=0, DestinationConfig={"OnFailure": {"Destination": arn}}
    )
    return url


def test_a_query_that_was_interrupted_has_failed(killed: Killed) -> None:
    found = killed.aws.client("athena").get_query_execution(QueryExecutionId=killed.query)["QueryExecution"]["Status"]
    assert (found["State"], found["StateChangeReason"]) == ("FAILED", "interrupted: the sandbox was stopped")


def test_a_failed_event_is_in_the_queue_or_still_to_be_handled(killed: Killed) -> None:
    sqs = killed.aws.client("sqs")
    found = until(lambda: sqs.receive_message(QueueUrl=killed.queue).get("Messages"))[0]
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
    aws.client("s3").put_object(Bucket="calls-of-mine", Key="call.wav", Body=silence(seconds=3))
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
