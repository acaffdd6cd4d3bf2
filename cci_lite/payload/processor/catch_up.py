"""Recordings of which nothing has become: looked for every hour, and begun or finished like any other.

Transcribe's state changes are delivered to EventBridge with "best effort"
(docs.aws.amazon.com/eventbridge/latest/ref/events-ref-transcribe.html), and an event that failed three times is not
sent again. What counts is what lies in the buckets, not which event was heard. Nothing is bought twice: a job that
exists is adopted. Lists only; imports no AWS package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from .arrival import arrive
from .config import Tenant
from .log import Log
from .naming import call_id, failures_of, results_of, tenant_of
from .store import Recording, utc
from .work import Work

#: Nearly every call is done by then: S3's event can take a minute, a job some, and a failed event is tried twice more.
USUAL_WAY = timedelta(minutes=20)
#: How far back recordings are looked for. What Transcribe heard lies in `tmp/` for a day; then its loss is recorded.
BACK = timedelta(days=3)
#: As much time as a long call may need; with less left the rest waits for the next hour.
ENOUGH_MS = 300_000

_Object = Mapping[str, Any]


def catch_up(work: Work, moment: datetime, left_ms: Callable[[], int], log: Log) -> int:
    """Begins or finishes what is overdue at `moment` while there is time; returns how many.

    The newest first, so that old ones that fail again and again keep nobody back.
    """
    overdue = [each for tenant in work.configuration.tenants() for each in _overdue(work, tenant, moment)]
    overdue.sort(key=_modified, reverse=True)
    return arrive(work, _in_time(work, overdue, left_ms, log), log)


def _in_time(work: Work, overdue: Sequence[_Object], left_ms: Callable[[], int], log: Log) -> Iterator[Recording]:
    for place, each in enumerate(overdue):
        if place and left_ms() < ENOUGH_MS:
            log("out_of_time", overdue=len(overdue) - place)
            return
        key = str(each["Key"])
        log.of(tenant_of(key), call_id(key))("overdue", since=utc(_modified(each)))
        yield Recording(work.environment.input_bucket, key, str(each["ETag"]).strip('"'), each["Size"])


def _overdue(work: Work, tenant: Tenant, moment: datetime) -> list[_Object]:
    """Recordings of the tenant with neither a result nor a recorded failure that is newer.

    Not further back than its results are kept: one that has expired is not missing.
    """
    first, last = moment - min(BACK, timedelta(days=tenant.retention_days_results)), moment - USUAL_WAY
    listed = work.store.listed(work.environment.input_bucket, f"{tenant.id}/calls/")
    arrived = [each for each in listed if first < _modified(each) <= last and not each["Key"].endswith("/")]
    known = _known(work, tenant.id, first, moment) if arrived else {}
    return [each for each in arrived if known.get(call_id(each["Key"]), first) < _modified(each)]


def _known(work: Work, tenant: str, first: datetime, last: datetime) -> dict[str, datetime]:
    """Call id -> when its newest result or failure was written, for jobs that began from `first` to `last`."""
    days = _day(last).toordinal() - _day(first).toordinal() + 1
    folders = [results_of(tenant, _day(first) + timedelta(days=number)) for number in range(days)]
    found: dict[str, datetime] = {}
    for folder in (*folders, failures_of(tenant)):
        for each in work.store.listed(work.environment.output_bucket, folder):
            call = PurePosixPath(each["Key"]).stem
            found[call] = max(_modified(each), found.get(call, first))
    return found


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def _modified(thing: _Object) -> datetime:
    moment: datetime = thing["LastModified"]
    return moment
