"""A finished call done again from a stage, without buying its transcript again. Knows botocore's errors only.

The result's own turns are enough for all stages but `transcript`, which needs Transcribe's document in `tmp/` (a day).
A wish has an id: a repeated event does nothing, and whoever asked can tell the answer from earlier ones.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from botocore.exceptions import ClientError

from . import schema
from .config import Tenant
from .errors import PermanentError, code_of, is_absent, is_permanent, message_of
from .failure import record_redo
from .hearing import heard
from .log import Log
from .model import Report
from .naming import CALL_PATTERN, TENANT_PATTERN, result_key
from .result import Redone, rebuild
from .result_schema import RESULT_SCHEMA
from .stages import STAGES, onward
from .store import OvertakenError, Recording
from .transcript import Phrase, Transcript
from .understand import Call, understand
from .work import Work

MARK = "cci-lite"
_FORM = {
    MARK: re.compile("redo"),
    "tenant": TENANT_PATTERN,
    "call": CALL_PATTERN,
    "day": re.compile(r"\d{4}/\d\d/\d\d"),
    "from": re.compile("|".join(STAGES)),
    "request": re.compile(r"[0-9a-f]{32}"),
}


@dataclass(frozen=True)
class Wish:
    """What an operator asks for: which result (tenant, day, call), from which stage, under which id."""

    tenant: str
    call: str
    day: date
    stage: str
    request: str

    @classmethod
    def read(cls, event: Mapping[str, Any]) -> Wish:
        """Raises ValueError for anything but exactly the six texts a wish has."""
        if event.keys() != _FORM.keys():
            raise ValueError("a wish has other names")
        for name, form in _FORM.items():
            if not isinstance(event[name], str) or not form.fullmatch(event[name]):
                raise ValueError(f"{name} has another form")
        day = date.fromisoformat(event["day"].replace("/", "-"))
        return cls(event["tenant"], event["call"], day, event["from"], event["request"])

    @property
    def key(self) -> str:
        return result_key(self.tenant, self.day, self.call)


def redo(work: Work, event: Mapping[str, Any], log: Log) -> None:
    """Does a call again, or records why not. Transient errors pass through before anything is written."""
    try:
        wish = Wish.read(event)
        tenant = work.tenant(wish.tenant)
    except (ValueError, PermanentError) as error:
        # Whose failure it would be is not known.
        log("refused", kind="redo", error=type(error).__name__)
        return
    told = log.of(wish.tenant, wish.call)
    try:
        _again(work, tenant, wish, told)
    except PermanentError as error:
        _failed(work, wish, error, told)
    except ClientError as error:
        if not is_permanent(error):
            raise
        _failed(work, wish, PermanentError(error.operation_name, code_of(error), message_of(error)), told)


def _again(work: Work, tenant: Tenant, wish: Wish, log: Log) -> None:
    there = work.store.version(wish.key)
    if there is None:
        raise PermanentError("redo", "NoResult", f"{wish.key} is absent")
    before = _usable(there.document, wish)
    if _answers(before, wish):
        log("already_done", request=wish.request)
        return
    stages = onward(wish.stage)
    call = _transcribed(work, tenant, before) if "transcript" in stages else _remembered(tenant, before)
    found = understand(work, call, stages)
    if "model" in stages:
        _replied(before, found.report)
    document = rebuild(work, before, call, found, Redone(wish.stage, wish.request), log.elapsed_ms())
    try:
        work.store.replace(wish.key, document, there)
    except OvertakenError as error:
        # S3 took the first try and its answer was lost: then the one that overtook us is ourselves.
        if not _answers(work.store.get(wish.key) or {}, wish):
            raise PermanentError("redo", "Overtaken", "another run wrote the result at the same moment") from error
    log("redone", request=wish.request, first=wish.stage, cost_gbp=document["cost_gbp"])


def _replied(before: Mapping[str, Any], report: Report) -> None:
    """What the result says of the call is worth more than a model's silence. Raises PermanentError."""
    if before["summary"] is not None and report.summary is None:
        raise PermanentError("redo", "NoReply", report.absent[0].reason)


def _answers(document: Mapping[str, Any], wish: Wish) -> bool:
    redone = document.get("provenance", {}).get("redone") or {}
    return bool(redone.get("request") == wish.request)


def _usable(document: dict[str, Any], wish: Wish) -> dict[str, Any]:
    if schema.errors(RESULT_SCHEMA, document) or (document["tenant_id"], document["call_id"]) != (
        wish.tenant,
        wish.call,
    ):
        raise PermanentError("redo", "OtherResult", f"{wish.key} is no result of this version of the schema")
    return document


def _remembered(tenant: Tenant, before: Mapping[str, Any]) -> Call:
    """The call as its result tells it: turns, already without what was redacted; measures stay as they are."""
    source = before["source"]
    return Call(
        tenant=tenant,
        recording=Recording(source["bucket"], source["key"], source["etag"], source["size"], before["call_started_at"]),
        job={"TranscriptionJobName": before["job_name"]},
        transcript=Transcript(tuple(_phrase(each) for each in before["turns"])),
        duration_s=before["duration_s"],
        measured=all(each["field"] != "duration_s" for each in before["absent"]),
        language=before["language"],
        redacted=before["redacted"],
    )


def _phrase(turn: Mapping[str, Any]) -> Phrase:
    return Phrase(
        speaker=turn["speaker"],
        channel=turn["channel"],
        start_s=turn["start_s"],
        end_s=turn["end_s"],
        text=turn["text"],
        words=len(turn["text"].split()),
    )


def _transcribed(work: Work, tenant: Tenant, before: Mapping[str, Any]) -> Call:
    """The call as Transcribe heard it. The recording may be gone by now, so that its length stays what it was."""
    name = before["job_name"]
    try:
        job = work.clients.transcribe.get_transcription_job(TranscriptionJobName=name)["TranscriptionJob"]
    except ClientError as error:
        if is_absent(error):
            raise PermanentError("redo", "JobGone", f"Transcribe has forgotten {name}; begin with analyse") from error
        raise
    said, redacted = heard(work, tenant, job)
    return replace(
        _remembered(tenant, before), job=job, transcript=said, language=job.get("LanguageCode"), redacted=redacted
    )


def _failed(work: Work, wish: Wish, error: PermanentError, log: Log) -> None:
    before = work.store.get(wish.key) or {}
    record_redo(work.store, wish.tenant, wish.call, wish.request, before, error, work.now())
    log("failed", code=error.code, at=error.stage, request=wish.request)
