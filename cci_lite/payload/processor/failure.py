"""The record of a call that could not be processed. Written once; knows no AWS package."""

from __future__ import annotations

from datetime import datetime

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
    document = {
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
    key = failed_key(tenant, call)
    there = store.get(key)
    if there and all(there.get(name) == document[name] for name in _SAME):
        return False
    store.put(key, document)
    return True
