"""`python -m tests.live.sweep [--run ID] [--older-than 2h] [--yes]`: removes what live runs left behind, by their tag.

Without --yes it lists and removes nothing. What carries no live run's tag is never touched, whatever its name.
The account is pinned by CCI_LITE_LIVE_ACCOUNT, as for the tests.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from botocore.exceptions import ClientError

from tests.live import runs, things
from tests.live.limits import ACCOUNT, ENDPOINT
from tests.live.tags import UNREADABLE
from tests.live.things import Client, Thing

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def chosen(found: Iterable[Thing], now: datetime, run: str = "", age: timedelta = timedelta(0)) -> list[Thing]:
    """Of all things found, those that a live run made: the run named, or any that began at least `age` ago."""
    return [each for each in found if (made := runs.known(each.tags)) and _meant(made, now, run, age)]


def span(text: str) -> timedelta:
    """`90m`, `2h`, `3d`. Raises ValueError."""
    if not (match := re.fullmatch(r"(\d+)([mhd])", text)):
        raise ValueError(f"{text!r} is no span of time such as 90m, 2h or 3d")
    return int(match[1]) * _UNITS[match[2]]


def sweep(client: Client, doomed: Sequence[Thing], tell: Callable[[str], None]) -> list[str]:
    """Remove them in this order; one that refuses does not keep the others. What could not be removed, and why."""
    failed = []
    for each in doomed:
        try:
            things.remove(client, each)
        except (ClientError, RuntimeError) as error:
            failed.append(f"{each.kind} {each.ref}: {error}")
        else:
            tell(f"removed {each.kind} {each.ref}")
    return failed


def main(arguments: Sequence[str] | None = None, client: Client | None = None, now: datetime | None = None) -> int:
    """Exit status: 0 nothing (more) to do, 1 something could not be removed, 2 refused, 3 listed and still there."""
    asked = _parser().parse_args(arguments)
    reach = client or _clients(os.environ.get("AWS_REGION", "eu-central-1"))
    caller, pinned = reach("sts").get_caller_identity()["Account"], os.environ.get(ACCOUNT)
    if caller != pinned:
        print(f"the credentials belong to account {caller}, {ACCOUNT} is {pinned or 'not set'}", file=sys.stderr)
        return 2
    found = things.everything(reach)
    for each in (each for each in found if each.tags == UNREADABLE):
        print(f"not looked at, its own policy denies it: {each.kind} {each.ref}", file=sys.stderr)
    doomed = chosen(found, now or datetime.now(UTC), asked.run, asked.older_than)
    if not asked.yes:
        print("\n".join(f"{each.kind} {each.ref} (run {each.tags[runs.TAG]})" for each in doomed) or "nothing is left")
        return 3 if doomed else 0
    failed = sweep(reach, doomed, print)
    print("\n".join(failed), end="\n" if failed else "", file=sys.stderr)
    return 1 if failed else 0


def _meant(made: runs.Run, now: datetime, run: str, age: timedelta) -> bool:
    return made.id == run if run else now - made.begun >= age


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.live.sweep")
    parser.add_argument("--run", metavar="ID", default="", help="only what this run made")
    parser.add_argument("--older-than", metavar="SPAN", type=span, default=timedelta(0), help="such as 2h")
    parser.add_argument("--yes", action="store_true", help="remove it; without this, it is listed")
    return parser


def _clients(region: str) -> Client:
    session, endpoint = boto3.Session(region_name=region), os.environ.get(ENDPOINT) or None

    @cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=endpoint)

    return client


if __name__ == "__main__":
    sys.exit(main())
