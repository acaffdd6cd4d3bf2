"""The function's entry: which event it is, and what becomes of errors. `processor.handler.lambda_handler`.

S3 "ObjectCreated" (or EventBridge "Object Created") starts a job; EventBridge "Transcribe Job State Change" ends it;
EventBridge "Scheduled Event" makes up for what both left out; an operator's {"cci-lite": "redo", ...} does a finished
call again.
An exception means "try again": Lambda retries, then sends the event to the on-failure queue.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from .arrival import arrive
from .catch_up import catch_up
from .clients import clients
from .config import Configuration, Environment
from .finish import finish
from .log import Log
from .naming import JOB_PREFIX
from .redo import MARK, redo
from .store import Recording
from .work import Work

_ENDED = ("COMPLETED", "FAILED")
#: source and detail-type of what a rule with a schedule sends.
_SCHEDULED = ("aws.events", "Scheduled Event")


def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """What Lambda calls. Returns how many recordings or jobs the event named."""
    work, log = _work(int(context.memory_limit_in_mb)), Log(context.aws_request_id)
    return handle(event, work, log, context.get_remaining_time_in_millis)


@cache
def _work(memory_mb: int) -> Work:
    environment = Environment.read(os.environ)
    made = clients()
    return Work(made, environment, Configuration(made.ssm, environment.config_path), memory_mb)


def handle(event: Mapping[str, Any], work: Work, log: Log, left_ms: Callable[[], int]) -> dict[str, Any]:
    """Dispatches one event, for which `left_ms` is left. One of another kind is logged and left alone."""
    if event.get("detail-type") == "Transcribe Job State Change":
        return {"jobs": _job(event["detail"], work, log)}
    if MARK in event:
        redo(work, event, log)
        return {"redo": 1}
    if (event.get("source"), event.get("detail-type")) == _SCHEDULED:
        return {"recordings": catch_up(work, datetime.fromisoformat(event["time"]), left_ms, log)}
    recordings = list(_recordings(event))
    if not recordings:
        log("ignored", kind=str(event.get("Event") or event.get("detail-type"))[:64])
    return {"recordings": arrive(work, recordings, log)}


def _job(detail: Mapping[str, Any], work: Work, log: Log) -> int:
    name = str(detail.get("TranscriptionJobName", ""))
    if not name.startswith(JOB_PREFIX) or detail.get("TranscriptionJobStatus") not in _ENDED:
        log("ignored", kind="job")
        return 0
    finish(work, name, log)
    return 1


def _recordings(event: Mapping[str, Any]) -> Iterator[Recording]:
    """Keys are URL-encoded in S3's own events and plain in EventBridge's (aws-facts 7)."""
    for each in event.get("Records", ()):
        if each.get("eventSource") == "aws:s3":
            thing = each["s3"]["object"]
            yield _of(each["s3"]["bucket"]["name"], unquote_plus(thing["key"]), thing.get("eTag"), thing.get("size"))
    if event.get("detail-type") == "Object Created":
        thing = event["detail"]["object"]
        yield _of(event["detail"]["bucket"]["name"], thing["key"], thing.get("etag"), thing.get("size"))


def _of(bucket: str, key: str, etag: str | None, size: int | None) -> Recording:
    return Recording(bucket, key, (etag or "").strip('"'), size)
