"""One run at a time for an account and region: a lease in SSM. Knows aws.cloud only.

The parameter is created without Overwrite, which SSM decides atomically. It is renewed while the run lives and
never taken over silently: a holder that died leaves it behind, and only `cci-lite unlock` removes it.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from cci_lite.aws import scope
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.errors import code, message

NAME = "/cci-lite/lease"
LIFETIME = timedelta(minutes=5)
RENEW_EVERY_S = 60.0
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Lease:
    """Who works on this account and region. Times are UTC, ISO 8601."""

    owner: str
    host: str
    pid: int
    run: str
    command: str
    taken: str
    expires: str

    def expired(self, now: datetime) -> bool:
        return datetime.fromisoformat(self.expires) < now

    def describe(self, now: datetime) -> str:
        """One sentence for the person who was refused."""
        state, process = "expired" if self.expired(now) else "valid", f"process {self.pid}{self._gone()}"
        return (
            f"{self.owner} on {self.host} ({process}) runs `cci-lite {self.command}` since {self.taken}; "
            f"its lease is {state} (until {self.expires})"
        )

    def _gone(self) -> str:
        """Of a process of this machine it can be told."""
        if self.host != socket.gethostname():
            return ""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return ", which is gone"
        except OSError:
            return ""
        return ", which is alive"


class Locked(Exception):
    """Another run holds the lease."""

    def __init__(self, lease: Lease, now: datetime) -> None:
        super().__init__(lease.describe(now))
        self.lease = lease


def holder(cloud: Cloud) -> Lease | None:
    """Whose lease it is, or None."""
    found = cloud.find("ssm", "get_parameter", Name=NAME)
    return Lease(**json.loads(found["Parameter"]["Value"])) if found else None


@contextmanager
def held(cloud: Cloud, run: str, command: str, *, lost: Tell, kept: Tell) -> Iterator[None]:
    """Hold the lease for the body, renewing it every minute; given back at the end, also after an interruption.

    lost: told, once, that somebody took it away meanwhile, so that nothing more may be written; kept: told why it could
    not be given back.
    """
    lease = _new(cloud, run, command)
    _take(cloud, lease)
    done = threading.Event()
    renewer = threading.Thread(target=_renew, args=(cloud, lease, done, lost), daemon=True)
    renewer.start()
    try:
        yield
    finally:
        done.set()
        renewer.join()  # a renewal on its way would bring the lease back
        try:
            with scope.cleaning():
                release(cloud, lease)
        except (BotoCoreError, ClientError) as error:
            kept(f"the lease could not be given back ({message(error)}); next: cci-lite unlock")


def release(cloud: Cloud, lease: Lease) -> None:
    """Remove the lease if it is still this one; somebody else's is left alone."""
    now = holder(cloud)
    if now is not None and now.run == lease.run:
        cloud.write("ssm", "delete_parameter", Name=NAME)


def _take(cloud: Cloud, lease: Lease, *, again: bool = True) -> None:
    try:
        _put(cloud, lease, overwrite=False)
    except ClientError as error:
        if code(error) != "ParameterAlreadyExists":
            raise
        other = holder(cloud)
        if other is None and again:  # given back in between
            _take(cloud, lease, again=False)
        elif other is None or other.run != lease.run:  # our own, when the answer to the first try was lost
            raise Locked(other or lease, cloud.clock.utc()) from error


def _renew(cloud: Cloud, lease: Lease, done: threading.Event, lost: Tell) -> None:
    """Failures to renew are not fatal: the lease only grows older, and nobody takes it over silently."""
    while not done.wait(RENEW_EVERY_S):
        try:
            with scope.cleaning():
                current = holder(cloud)
                if current is None or current.run != lease.run:
                    lost("the lease was taken away while this run was at work")
                    return
                _put(cloud, _prolonged(cloud, lease), overwrite=True)
        except (BotoCoreError, ClientError):
            continue


def _put(cloud: Cloud, lease: Lease, *, overwrite: bool) -> None:
    value = json.dumps(asdict(lease), sort_keys=True)
    cloud.write("ssm", "put_parameter", Name=NAME, Value=value, Type="String", Tier="Standard", Overwrite=overwrite)


def _new(cloud: Cloud, run: str, command: str) -> Lease:
    now = cloud.clock.utc()
    owner = cloud.site.caller.split(":")[-1] or cloud.site.account
    return Lease(owner, socket.gethostname(), os.getpid(), run, command, _iso(now), _iso(now + LIFETIME))


def _prolonged(cloud: Cloud, lease: Lease) -> Lease:
    return Lease(**{**asdict(lease), "expires": _iso(cloud.clock.utc() + LIFETIME)})


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
