"""Names of jobs, results and failures, all derived from the recording. Pure; imports the standard library only.

The same object always gets the same names, so that events that are repeated or out of order cost nothing and
overwrite nothing (aws-facts 8.2, 8.3, 8.7).
"""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import PurePosixPath

TENANT_PATTERN = re.compile(r"^[a-z0-9][a-z0-9-]{1,40}$")
CALL_PATTERN = re.compile(r"^[0-9A-Za-z._-]{1,80}-[0-9a-f]{12}$")
RESERVED_TENANTS = frozenset({"tmp", "athena-results"})
JOB_PREFIX = "cci-lite-"
#: Suffix -> Transcribe's MediaFormat.
_FORMATS = {each: each for each in ("mp3", "mp4", "wav", "flac", "ogg", "amr", "webm", "m4a")}
_UNSAFE = re.compile(r"[^0-9A-Za-z._-]+")
_LONGEST_STEM = 80


def tenant_of(key: str) -> str | None:
    """The tenant whose folder `TENANT/calls/` holds the object, or None for any other key."""
    parts = key.split("/", 2)
    if len(parts) < 3 or parts[1] != "calls" or not parts[2]:
        return None
    tenant = parts[0]
    return tenant if TENANT_PATTERN.fullmatch(tenant) and tenant not in RESERVED_TENANTS else None


def call_id(key: str) -> str:
    """The file's name without its suffix, made safe, and 12 hex digits of the whole key: unique for each object.

    A name in another script than Latin leaves nothing but the digits: 48 bits, so that a million calls are told apart.
    """
    stem = _UNSAFE.sub("-", PurePosixPath(key).stem).strip("-.")[:_LONGEST_STEM] or "call"
    return f"{stem}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def job_name(bucket: str, key: str, etag: str) -> str:
    """The Transcribe job of one version of one object; at most 29 characters of [0-9a-z-]."""
    told = "\0".join((bucket, key, etag.strip('"')))
    return f"{JOB_PREFIX}{hashlib.sha256(told.encode()).hexdigest()[:20]}"


def results_of(tenant: str, day: date) -> str:
    """The folder of a tenant's results of one day."""
    return f"{tenant}/{day:%Y/%m/%d}/"


def result_key(tenant: str, day: date, call: str) -> str:
    """Where the result of a call lies: TENANT/YYYY/MM/DD/CALL.json."""
    return f"{results_of(tenant, day)}{call}.json"


def failures_of(tenant: str | None) -> str:
    """The folder of a tenant's failures; of recordings that belong to no tenant a folder of its own."""
    return f"{tenant}/_failed/" if tenant else "_failed/"


def failed_key(tenant: str | None, call: str) -> str:
    """Where the reason lies when a call could not be processed."""
    return f"{failures_of(tenant)}{call}.json"


def raw_key(tenant: str, day: date, call: str) -> str:
    """Where the unredacted text of a call lies, for tenants that ask for it: apart from results."""
    return f"_raw/{result_key(tenant, day, call)}"


def word_list(tenant: str, language: str) -> str:
    """The custom vocabulary of a tenant in a language of Transcribe, and its vocabulary filter too."""
    return f"{JOB_PREFIX}{tenant}-{language}"


def media_format(key: str) -> str | None:
    """Transcribe's format by the file's suffix, or None when it is none that Transcribe takes."""
    return _FORMATS.get(PurePosixPath(key).suffix.lower().lstrip("."))
