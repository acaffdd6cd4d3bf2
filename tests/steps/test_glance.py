"""What was read to decide is not read again for the write that follows; after a write or a wait it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cci_lite.aws import scope
from tests.world import World, account

KEY = "alias/nobody-made-this"


@pytest.fixture
def world() -> Iterator[World]:
    with account() as made:
        made.rules.forget()
        yield made


def look(world: World) -> None:
    assert world.cloud.find("kms", "describe_key", KeyId=KEY) is None


def test_equal_reads_are_made_once(world: World) -> None:
    with scope.glance():
        look(world)
        look(world)
    assert len(world.rules.calls) == 1


def test_a_wait_ends_it_so_that_whoever_polls_sees_the_change(world: World) -> None:
    with scope.glance():
        look(world)
        world.cloud.wait("somebody else", 1.0)
        look(world)
        look(world)
    assert len(world.rules.calls) == 3


def test_a_write_ends_it(world: World) -> None:
    with scope.glance():
        look(world)
        world.cloud.write("kms", "create_key")
        look(world)
    assert len([each for each in world.rules.calls if each.read]) == 2


def test_outside_every_read_is_made(world: World) -> None:
    look(world)
    look(world)
    assert len(world.rules.calls) == 2
