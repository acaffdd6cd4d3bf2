"""One provisioned account for the tests that leave it as they found it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world import World, account, reasons


@pytest.fixture(scope="module")
def provisioned() -> Iterator[World]:
    with account() as world:
        assert reasons(world.provision()) == {}
        yield world


@pytest.fixture
def empty() -> Iterator[World]:
    with account() as world:
        yield world
