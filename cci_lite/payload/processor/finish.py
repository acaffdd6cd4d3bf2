"""A Transcribe job ended: read the transcript, understand the call, write its result once.

Source: aws-facts 8. Everything up to the one write can be repeated: an invocation that dies leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from botocore.exceptions import ClientError

from . import transcript
from .config import Tenant
from .errors import PermanentError, is_absent, is_permanent, message_of
from .errors import code_of as error_code
from .failure import record
from .log import Log
from .naming import call_id, job_name, result_key, tenant_of
from .result import build
from .store import Recording
from .understand import Call, understand
from .work import Work


class NotEndedError(Exception):
    """The event says the job ended, Transcribe does not yet: the event is retried."""


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
    key = result_key(tenant.id, job["CreationTime"].astimezone(UTC).date(), call)
    there = work.store.get(key)
    if there and there.get("job_name") == name:
        log("already_done", job=name)
        return
    _ended(job)
    heard = _heard(work, tenant, recording, job)
    log("transcribed", job=name, turns=len(heard.transcript.turns), language=heard.language)
    found = understand(work, heard)
    document = build(work, heard, found, log.elapsed_ms())
    work.store.put(key, document)
    log("finished", job=name, absent=len(document["absent"]), cost_gbp=document["cost_gbp"])


def _ended(job: Mapping[str, Any]) -> None:
    status = job["TranscriptionJobStatus"]
    if status == "FAILED":
        raise PermanentError("transcribe", "TranscriptionFailed", str(job.get("FailureReason", "no reason given")))
    if status != "COMPLETED":
        raise NotEndedError(f"job {job['TranscriptionJobName']} is {status}")


def _heard(work: Work, tenant: Tenant, recording: Recording, job: Mapping[str, Any]) -> Call:
    uris = job["Transcript"]
    redacted = "RedactedTranscriptFileUri" in uris
    key = work.store.key_of(uris["RedactedTranscriptFileUri" if redacted else "TranscriptFileUri"])
    document = work.store.get(key)
    if document is None:
        raise PermanentError("read", "TranscriptGone", f"{key} is absent")
    try:
        said = transcript.read(document, tenant.agent_channel)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PermanentError("read", "BadTranscript", f"{key} is no transcript: {type(error).__name__}") from error
    wav = work.store.wav(recording)
    measured = wav.duration_s if wav else None
    return Call(
        tenant=tenant,
        recording=recording,
        job=job,
        transcript=said,
        duration_s=max([measured or 0.0, *(each.end_s for each in said.phrases)]),
        measured=measured is not None,
        language=job.get("LanguageCode"),
        redacted="transcribe" if redacted else "none",
    )
