"""Accounts that each test finds the same, whatever the one before has done to them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.moments import Moment
from tests.world import FOUNDATION, World, account


@pytest.fixture(scope="module")
def _account() -> Iterator[tuple[World, Moment]]:
    """Its clients are made once for all tests of a file."""
    with account() as world:
        yield world, world.moment()


@pytest.fixture
def empty(_account: tuple[World, Moment]) -> World:
    world, before = _account
    return world.back_to(before)


@pytest.fixture
def provisioned(empty: World) -> World:
    """Everything in place."""
    empty.stand().rules.forget()
    return empty


@pytest.fixture
def foundation(empty: World) -> World:
    """Phase 1 in place, and nothing else."""
    empty.stand(*FOUNDATION).rules.forget()
    return empty
