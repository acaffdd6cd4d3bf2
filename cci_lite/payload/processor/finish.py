"""A Transcribe job ended: read the transcript, understand the call, write its result once.

Source: aws-facts 8. Everything up to the one write can be repeated: an invocation that dies leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from .config import Tenant
from .errors import PermanentError, is_absent, is_permanent, message_of
from .errors import code_of as error_code
from .failure import record
from .hearing import hear
from .log import Log
from .naming import call_id, job_name, result_key, tenant_of
from .raw import keep
from .result import build
from .store import OvertakenError, Recording, Version
from .understand import understand
from .work import Work


class NotEndedError(Exception):
    """The job's end cannot be dealt with yet: the event is retried."""


def finish(work: Work, name: str, log: Log) -> None:
    """Finishes the job `name`. A job that was deleted names no recording, so it is only logged."""
    try:
        job = work.clients.transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
    except ClientError as error:
        if is_absent(error):
            log("job_gone", job=name)
            return
        raise
    finish_job(work, job, log)


def finish_job(work: Work, job: Mapping[str, Any], log: Log) -> None:
    """Writes the result of an ended job, or the reason why there is none. Transient errors pass through."""
    name = str(job["TranscriptionJobName"])
    bucket, _, key = str(job["Media"]["MediaFileUri"]).removeprefix("s3://").partition("/")
    if bucket != work.environment.input_bucket:
        log("foreign_job", job=name)
        return
    recording = work.store.look(bucket, key)
    told = log.of(tenant_of(key), call_id(key))
    if recording.etag and job_name(bucket, key, recording.etag) != name:
        # The recording was replaced since; the job of its new version makes the result.
        told("superseded", job=name)
        return
    registered: str | None = None
    try:
        tenant = work.tenant(_tenant(key))
        registered = tenant.id
        _write(work, tenant, recording, job, told)
    except PermanentError as error:
        _failed(work, recording, registered, name, error, told)
    except ClientError as error:
        if not is_permanent(error):
            raise
        problem = PermanentError(error.operation_name, error_code(error), message_of(error))
        _failed(work, recording, registered, name, problem, told)


def _tenant(key: str) -> str:
    found = tenant_of(key)
    if found is None:
        raise PermanentError("tenant", "InvalidTenant", "the key is not TENANT/calls/FILE with a valid tenant")
    return found


def _failed(work: Work, recording: Recording, tenant: str | None, job: str, error: PermanentError, log: Log) -> None:
    wrote = record(work.store, recording, tenant, job, error, work.now())
    log("failed", job=job, code=error.code, at=error.stage, recorded=wrote)


def _write(work: Work, tenant: Tenant, recording: Recording, job: Mapping[str, Any], log: Log) -> None:
    name, call = str(job["TranscriptionJobName"]), call_id(recording.key)
    day = job["CreationTime"].astimezone(UTC).date()
    key = result_key(tenant.id, day, call)
    there = work.store.version(key)
    if there and there.document.get("job_name") == name:
        log("already_done", job=name)
        return
    _same_recording(there, recording, key)
    _ended(job)
    heard = hear(work, tenant, recording, job)
    log("transcribed", job=name, turns=len(heard.transcript.turns), language=heard.language)
    found = understand(work, heard)
    found.absent += keep(work, heard, day)
    document = build(work, heard, found, log.elapsed_ms())
    try:
        work.store.replace(key, document, there)
    except OvertakenError:
        _overtaken(work, key, name, log)
        return
    log("finished", job=name, absent=len(document["absent"]), cost_gbp=document["cost_gbp"])


def _same_recording(there: Version | None, recording: Recording, key: str) -> None:
    """A later version of a recording replaces the result of an earlier one, another recording never does."""
    other = (there.document.get("source") or {}).get("key") if there else None
    if other not in (None, recording.key):
        raise PermanentError("write", "NameTaken", f"{key} is of another recording; give this one a new name")


def _overtaken(work: Work, key: str, name: str, log: Log) -> None:
    """Another invocation wrote first. Of the same job: nothing is lost. Of another: this one is tried again."""
    there = work.store.get(key)
    if there is None or there.get("job_name") != name:
        raise NotEndedError(f"{key} was written at the same moment for another version of the recording")
    log("already_done", job=name, overtaken=True)


def _ended(job: Mapping[str, Any]) -> None:
    status = job["TranscriptionJobStatus"]
    if status == "FAILED":
        raise PermanentError("transcribe", "TranscriptionFailed", str(job.get("FailureReason", "no reason given")))
    if status != "COMPLETED":
        raise NotEndedError(f"job {job['TranscriptionJobName']} is {status}")
