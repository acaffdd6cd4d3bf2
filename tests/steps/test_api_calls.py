"""How many calls each command makes: the numbers may fall, and grow only on purpose.

At 50 ms a call they are most of what an operator waits for (bench/ measures the time).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from cci_lite.engine.validate import validate
from tests.world import World, account, reasons

#: command -> (reads, writes). A plan or a provision without differences may never write, nor make over 60 calls.
CALLS = {
    "plan of an empty account": (21, 0),
    "first provision": (128, 52),
    "plan in place": (58, 0),
    "provision in place": (58, 0),
    "validate": (76, 9),
    "teardown": (213, 40),
}


@pytest.fixture(scope="module")
def counted() -> Iterator[dict[str, tuple[int, int]]]:
    with account() as world:
        world.clock.sleep(3600)
        yield {name: count(world, name) for name in CALLS}


def count(world: World, command: str) -> tuple[int, int]:
    """Run one command on the account as the ones before left it."""
    world.rules.forget()
    if command.startswith("plan"):
        world.plan()
    elif "provision" in command:
        assert reasons(world.provision()) == {}
    elif command == "validate":
        validate(world.plan(), world.hands())
    else:
        assert reasons(world.teardown(consent=["alias/cci-lite-master-key"])) == {}
    kinds = Counter(each.read for each in world.rules.calls)
    return kinds[True], kinds[False]


@pytest.mark.parametrize("command", CALLS)
def test_no_command_makes_more_calls_than_it_did(counted: dict[str, tuple[int, int]], command: str) -> None:
    most_reads, most_writes = CALLS[command]
    reads, writes = counted[command]
    assert reads <= most_reads and writes <= most_writes, f"{command}: {reads} reads, {writes} writes"


def test_without_differences_nothing_is_written_in_at_most_60_calls(counted: dict[str, tuple[int, int]]) -> None:
    for command in ("plan in place", "provision in place"):
        reads, writes = counted[command]
        assert reads <= 60 and writes == 0
