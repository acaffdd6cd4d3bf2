"""The function's entry: which event it is, and what becomes of errors. `processor.handler.lambda_handler`.

S3 "ObjectCreated" (or EventBridge "Object Created") starts a job; EventBridge "Transcribe Job State Change" ends it;
an operator's {"cci-lite": "redo", ...} does a finished call again.
An exception means "try again": Lambda retries, then sends the event to the on-failure queue.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from botocore.exceptions import ClientError

from .clients import clients
from .config import Configuration, Environment
from .errors import PermanentError, code_of, is_permanent, message_of
from .failure import record
from .finish import finish
from .log import Log
from .naming import JOB_PREFIX, call_id, tenant_of
from .redo import MARK, redo
from .start import start
from .store import Recording
from .work import Work

_ENDED = ("COMPLETED", "FAILED")


def lambda_handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """What Lambda calls. Returns how many recordings or jobs the event named."""
    return handle(event, _work(int(context.memory_limit_in_mb)), Log(context.aws_request_id))


@cache
def _work(memory_mb: int) -> Work:
    environment = Environment.read(os.environ)
    made = clients()
    return Work(made, environment, Configuration(made.ssm, environment.config_path), memory_mb)


def handle(event: Mapping[str, Any], work: Work, log: Log) -> dict[str, Any]:
    """Dispatches one event. An event of another kind is logged and left alone."""
    if event.get("detail-type") == "Transcribe Job State Change":
        return {"jobs": _job(event["detail"], work, log)}
    if MARK in event:
        redo(work, event, log)
        return {"redo": 1}
    recordings = list(_recordings(event))
    if not recordings:
        log("ignored", kind=str(event.get("Event") or event.get("detail-type"))[:64])
    trouble: Exception | None = None
    for each in recordings:
        try:
            _recording(work, each, log.of(tenant_of(each.key), call_id(each.key)))
        except Exception as error:
            # The others of this event must not wait for it; the retry finds them started.
            log("retry", error=type(error).__name__)
            trouble = error
    if trouble is not None:
        raise trouble
    return {"recordings": len(recordings)}


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


def _recording(work: Work, recording: Recording, log: Log) -> None:
    if recording.bucket != work.environment.input_bucket or recording.key.endswith("/"):
        log("ignored", kind="marker" if recording.key.endswith("/") else "bucket")
        return
    registered: str | None = None
    try:
        name = tenant_of(recording.key)
        if name is None:
            raise PermanentError("tenant", "InvalidTenant", "the key is not TENANT/calls/FILE with a valid tenant")
        tenant = work.tenant(name)
        registered = tenant.id
        start(work, recording, tenant, log)
    except PermanentError as error:
        _failed(work, recording, registered, error, log)
    except ClientError as error:
        if not is_permanent(error):
            raise
        problem = PermanentError(error.operation_name, code_of(error), message_of(error))
        _failed(work, recording, registered, problem, log)


def _failed(work: Work, recording: Recording, tenant: str | None, error: PermanentError, log: Log) -> None:
    wrote = record(work.store, recording, tenant, None, error, work.now())
    log("failed", code=error.code, at=error.stage, recorded=wrote)
