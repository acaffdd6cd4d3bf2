"""The fault sweep of teardown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.steps.faults import state
from tests.steps.sweep import CONSENT, SLICES, Sweep, cases, disturbed, fresh, swept
from tests.world import World, reasons


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with swept(teardown=True) as made:
        yield made


def in_place(world: World) -> bool:
    """Whether the last case left the account as it was: it ended before it wrote anything."""
    return bool(world.rules.look("s3").list_buckets()["Buckets"])


@pytest.mark.parametrize("part", range(SLICES))
def test_teardown_converges_after_any_fault(
    sweep: Sweep, part: int, record_property: Callable[[str, object], None]
) -> None:
    world = sweep.world
    done: Counter[str] = Counter()
    for k, fault in cases(sweep, part):
        if not in_place(world):
            fresh(world)
            assert reasons(world.provision()) == {}
        if disturbed(sweep, k, fault, lambda: world.teardown(consent=CONSENT)):
            assert reasons(world.teardown(consent=CONSENT)) == {}, f"rerun after call {k}: {fault}"
            assert state(world) == sweep.wanted, f"other state after call {k}: {fault}"
        done[str(fault)] += 1
    record_property("sweep", {"teardown": dict(done)})
