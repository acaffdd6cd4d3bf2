"""Recordings that arrived: each is begun, or the reason why it cannot be is recorded. Knows botocore's errors only."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ClientError

from .errors import PermanentError, code_of, is_permanent, message_of
from .failure import record
from .log import Log
from .naming import call_id, tenant_of
from .start import start
from .store import Recording
from .work import Work

#: Recordings in trouble in one invocation after which the rest waits for the next: then it is not theirs, and a call
#: that comes as far as the model pays Comprehend with each try.
MOST_TROUBLES = 5


def arrive(work: Work, recordings: Iterable[Recording], log: Log) -> int:
    """Begins each; returns how many there were. An exception means "try again": those that were begun are then found.

    The trouble of one is raised when the others are begun, which must not wait for it.
    """
    count, troubles = 0, list[Exception]()
    for each in recordings:
        count += 1
        told = log.anew().of(tenant_of(each.key), call_id(each.key))
        try:
            _begin(work, each, told)
        except Exception as error:
            told("retry", error=type(error).__name__)
            troubles.append(error)
        if len(troubles) == MOST_TROUBLES:
            break
    if troubles:
        raise troubles[-1]
    return count


def _begin(work: Work, recording: Recording, log: Log) -> None:
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
