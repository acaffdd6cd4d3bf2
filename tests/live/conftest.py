"""Live tests: collected only with CCI_LITE_LIVE=1, refused before the first write, and always torn down."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.live import runs
from tests.live.account import Account, caller
from tests.live.limits import COSTS, SWITCH, enabled, estimate, limits, refusal
from tests.live.sweep import sweep
from tests.live.things import Thing

# The status of pytest for a wrong usage.
_USAGE = 4
# Said at the end: what a fixture prints is captured.
_TOLD: list[str] = []


def pytest_report_header() -> list[str]:
    if not enabled(os.environ):
        return [f"live tests: not collected, they change a real account and cost money ({SWITCH}=1, docs/live.md)"]
    costs = [f"  USD {usd:.2f}  {what}" for what, usd in COSTS.items()]
    return [f"live tests: one run is estimated at USD {estimate():.2f}", *costs]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    for line in _TOLD:
        terminalreporter.write_line(line)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """None leaves the decision to pytest's own rules."""
    return None if enabled(os.environ) else True


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The account, with nothing of this run in it yet; at the end of the session, with nothing of it any more."""
    made = begun(tmp_path_factory.mktemp("live"))
    try:
        yield made
    finally:
        _cleared(made)


@pytest.fixture(scope="session", autouse=True)
def before(account: Account) -> list[Thing]:
    """What others have in the account, before anything is made."""
    return account.foreign()


def begun(home: Path) -> Account:
    """Ends the session, before any test, when nobody allowed it."""
    try:
        allowed = limits(os.environ)
    except ValueError as error:
        pytest.exit(str(error), _USAGE)
    made = Account(runs.begin(datetime.now(UTC), os.urandom(2)), allowed, home)
    if reason := refusal(allowed, caller(made), made.functions()):
        pytest.exit(reason, _USAGE)
    made.write_runbook()
    return made


def _cleared(account: Account) -> None:
    """By the product first, unless that was the last thing done. What it left, the sweeper takes; that it had to is an
    error of the run."""
    ran = account.torn_down or account.teardown()
    left = account.left()
    _TOLD.append(f"live run {account.run.id}: teardown exit {ran.code}, {len(left)} things left to the sweeper")
    failed = sweep(account.client, left, _TOLD.append)
    assert not failed, f"python -m tests.live.sweep --run {account.run.id} --yes: {failed}"
    assert ran.code == 0 and not left, ran.err
