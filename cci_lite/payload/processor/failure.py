"""The record of a call that could not be processed. Written once; knows no AWS package."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .errors import PermanentError
from .naming import call_id, failed_key
from .store import Recording, Store, utc

SCHEMA_VERSION = "cci-lite-failure-v1"
_SAME = ("source", "code", "job_name")


def record(
    store: Store, recording: Recording, tenant: str | None, job: str | None, error: PermanentError, now: datetime
) -> bool:
    """Writes the failure unless the same one stands there; returns whether it wrote.

    tenant None: the object belongs to no registered tenant, so nothing may appear in a tenant's folder.
    """
    call = call_id(recording.key)
    source = {"bucket": recording.bucket, "key": recording.key, "etag": recording.etag}
    document = _document(tenant, call, source, job, error, now)
    key = failed_key(tenant, call)
    there = store.get(key)
    if there and all(there.get(name) == document[name] for name in _SAME):
        return False
    store.put(key, document)
    return True


def record_redo(
    store: Store, tenant: str, call: str, request: str, before: Mapping[str, Any], error: PermanentError, now: datetime
) -> None:
    """Writes why a call that has a result was not done again. before: that result, as far as it is known."""
    source = {name: before.get("source", {}).get(name) for name in ("bucket", "key", "etag")}
    document = _document(tenant, call, source, before.get("job_name"), error, now)
    store.put(failed_key(tenant, call), {**document, "request": request})


def _document(
    tenant: str | None, call: str, source: Mapping[str, Any], job: str | None, error: PermanentError, now: datetime
) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "tenant_id": tenant,
        "call_id": call,
        "source": source,
        "stage": error.stage,
        "reason": error.reason,
        "code": error.code,
        "job_name": job,
        "failed_at": utc(now),
    }
