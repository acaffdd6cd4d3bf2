"""From an ended Transcribe job to what was said. Imports no AWS package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import transcript
from .config import Tenant
from .errors import PermanentError
from .store import Recording
from .transcript import Transcript
from .understand import Call
from .work import Work

_REDACTED, _PLAIN = "RedactedTranscriptFileUri", "TranscriptFileUri"


def hear(work: Work, tenant: Tenant, recording: Recording, job: Mapping[str, Any]) -> Call:
    """The call as its job heard it. Raises PermanentError when the transcript is gone or is none."""
    said, redacted = heard(work, tenant, job)
    header = work.store.header(recording)
    measured = header.duration_s if header else None
    return Call(
        tenant=tenant,
        recording=recording,
        job=job,
        transcript=said,
        duration_s=max([measured or 0.0, *(each.end_s for each in said.phrases)]),
        measured=measured is not None,
        language=job.get("LanguageCode"),
        redacted=redacted,
    )


def heard(work: Work, tenant: Tenant, job: Mapping[str, Any]) -> tuple[Transcript, str]:
    """(what was said, who redacted it: transcribe or none). The redacted text where there is one."""
    uris = job["Transcript"]
    if _REDACTED in uris:
        return _read(work, tenant, uris[_REDACTED]), "transcribe"
    return _read(work, tenant, uris[_PLAIN]), "none"


def unredacted(work: Work, call: Call) -> Transcript | None:
    """What was said, personal data included; None when Transcribe was asked for the redacted text only."""
    if call.redacted == "none":
        return call.transcript
    uri = call.job["Transcript"].get(_PLAIN)
    return _read(work, call.tenant, uri) if uri else None


def _read(work: Work, tenant: Tenant, uri: str) -> Transcript:
    key = work.store.key_of(uri)
    document = work.store.get(key)
    if document is None:
        raise PermanentError("read", "TranscriptGone", f"{key} is absent")
    try:
        return transcript.read(document, tenant.agent_channel)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PermanentError("read", "BadTranscript", f"{key} is no transcript: {type(error).__name__}") from error
