"""What becomes of work under way when the daemon is killed or stopped: nothing hangs, and nothing accepted is lost."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cci_lite.sandbox import control
from tests.sandbox.conftest import Account, allow, make_function, operator, until


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
