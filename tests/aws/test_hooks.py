"""Around every request: what is refused before it is sent, and what is heard of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from cci_lite.aws import scope
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.hooks import ReadOnlyViolation, UnknownInRequest
from cci_lite.aws.site import Site
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.values import Unknown
from tests.engine.fakes import FakeClock

SITE = Site("123456789012", "eu-central-1")


@dataclass
class Ear:
    """Everything that a listener hears; full: it cannot write down any more."""

    heard: list[tuple[str, str, str]] = field(default_factory=list)
    full: bool = False

    def before(self, service: str, operation: str, params: Mapping[str, Any], *, read: bool) -> None:
        if self.full:
            raise OSError("No space left on device")
        self.heard.append(("before", f"{service}:{operation}", "read" if read else "write"))

    def after(self, service: str, operation: str, *, read: bool, error: str, request_id: str) -> None:
        self.heard.append(("after", f"{service}:{operation}", error))


@pytest.fixture
def ear() -> Ear:
    return Ear()


def cloud(ear: Ear, **settings: Any) -> Cloud:
    session = boto3.Session("testing", "testing", region_name="eu-central-1")
    return Cloud(session, SITE, FakeClock(), listeners=[ear], **settings)


@pytest.fixture(autouse=True)
def aws() -> Iterator[None]:
    with mock_aws():
        yield


def queues() -> list[str]:
    found: list[str] = boto3.client("sqs", region_name="eu-central-1").list_queues().get("QueueUrls", [])
    return found


def test_a_command_that_only_reads_cannot_write_not_even_by_a_presigned_url(ear: Ear) -> None:
    sent: list[str] = []
    reading = cloud(ear, read_only=True, send=lambda url, *_: sent.append(url) or 200)
    with pytest.raises(ReadOnlyViolation):
        reading.write("sqs", "create_queue", QueueName="q")
    with pytest.raises(ReadOnlyViolation):
        reading.put_url("https://example.com/x", {}, b"")
    assert (queues(), sent, ear.heard) == ([], [], [])
    reading.read("sqs", "list_queues")


def test_a_value_that_is_not_known_yet_never_leaves(ear: Ear) -> None:
    with pytest.raises(UnknownInRequest, match="CreateQueue"):
        cloud(ear).write("sqs", "create_queue", QueueName="q", tags={"key": f"arn of {Unknown('master-key')}"})
    assert (queues(), ear.heard) == ([], [])


def test_after_an_interruption_nothing_is_written_but_what_cleans_up(ear: Ear) -> None:
    sent: list[str] = []
    stopping = cloud(ear, stopped=lambda: True, send=lambda url, *_: sent.append(url) or 200)
    with pytest.raises(Interrupted):
        stopping.write("sqs", "create_queue", QueueName="q")
    with pytest.raises(Interrupted):
        stopping.put_url("https://example.com/x", {}, b"")
    assert (queues(), sent) == ([], [])
    with scope.cleaning():
        stopping.write("sqs", "create_queue", QueueName="q")
    assert len(queues()) == 1


def test_a_call_is_heard_before_it_is_sent_and_after_it_was_answered(ear: Ear) -> None:
    told = cloud(ear)
    told.write("sqs", "create_queue", QueueName="q")
    told.find("sqs", "get_queue_url", QueueName="other")
    assert ear.heard == [
        ("before", "sqs:CreateQueue", "write"),
        ("after", "sqs:CreateQueue", ""),
        ("before", "sqs:GetQueueUrl", "read"),
        ("after", "sqs:GetQueueUrl", "AWS.SimpleQueueService.NonExistentQueue"),
    ]


def test_that_no_answer_came_is_heard_too(ear: Ear) -> None:
    lost = cloud(ear, endpoint="http://127.0.0.1:9")
    with pytest.raises(EndpointConnectionError):
        lost.client("sqs", retry=False).create_queue(QueueName="q")
    assert ear.heard == [
        ("before", "sqs:CreateQueue", "write"),
        ("after", "sqs:CreateQueue", "EndpointConnectionError"),
    ]

    def broken(*_: Any) -> int:
        raise ConnectionResetError

    lost.send = broken
    with pytest.raises(ConnectionResetError):
        lost.put_url("https://example.com/x", {}, b"")
    assert ear.heard[-1] == ("after", "s3:PresignedPut", "no answer")


def test_what_cannot_be_written_down_is_not_sent_but_for_what_cleans_up(ear: Ear) -> None:
    full = cloud(ear)
    full.write("sqs", "create_queue", QueueName="q")
    ear.full = True
    with pytest.raises(OSError, match="No space"):
        full.write("sqs", "create_queue", QueueName="other")
    with scope.cleaning():
        full.write("sqs", "delete_queue", QueueUrl=queues()[0])
    assert queues() == []


def test_a_removal_that_finds_nothing_has_succeeded_and_a_read_has_not(ear: Ear) -> None:
    told = cloud(ear)
    assert told.write("iam", "delete_role", RoleName="gone") == {}
    assert told.write("athena", "delete_work_group", WorkGroup="gone") == {}
    with pytest.raises(Exception, match="NoSuchEntity"):
        told.write("iam", "update_role", RoleName="gone", Description="x")
    with pytest.raises(Exception, match="NoSuchEntity"):
        told.read("iam", "get_role", RoleName="gone")
