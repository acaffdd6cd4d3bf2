"""What becomes of work under way when the daemon is killed or stopped: nothing hangs, and nothing accepted is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cci_lite.sandbox import control
from tests.sandbox.conftest import Account, operator, until


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
