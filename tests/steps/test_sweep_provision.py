"""The fault sweep of provision."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.steps.faults import state
from tests.steps.sweep import SLICES, Sweep, cases, disturbed, fresh, swept
from tests.world import reasons


@pytest.fixture(scope="module")
def sweep() -> Iterator[Sweep]:
    with swept(teardown=False) as made:
        yield made


@pytest.mark.parametrize("part", range(SLICES))
def test_provision_converges_after_any_fault(
    sweep: Sweep, part: int, record_property: Callable[[str, object], None]
) -> None:
    world = sweep.world
    done: Counter[str] = Counter()
    for k, fault in cases(sweep, part):
        if disturbed(sweep, k, fault, world.provision):
            assert reasons(world.provision()) == {}, f"rerun after call {k}: {fault}"
            assert state(world) == sweep.wanted, f"other state after call {k}: {fault}"
            world.rules.forget()
            assert reasons(world.provision(), "kept", "operator") == {}, f"third run after call {k}: {fault}"
            assert world.rules.writes() == [], f"third run after call {k}: {fault}"
            fresh(world)
        done[str(fault)] += 1
    record_property("sweep", {"provision": dict(done)})
