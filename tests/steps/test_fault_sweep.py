"""Every call of provision and of teardown goes wrong once in every way; a plain rerun converges.

Converges: the final state equals the undisturbed one, nothing is there twice, nothing is orphaned, and a third run
writes nothing. The table is printed at the end of the test run.
"""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from moto.moto_api._internal.models import moto_api_backend

from cci_lite.engine.clock import Interrupted
from tests.steps.faults import Fault, Killed, Saboteur, faults_of, state
from tests.world import World, account, reasons

CONSENT = ["alias/cci-lite-master-key"]
#: Slices of the calls, so that several workers share the sweep.
SLICES = 12
#: `make sweep` tries every fault on every call; the shorter set leaves out cases that end like another one.
EVERY = bool(os.environ.get("SWEEP_EVERY_FAULT"))


@pytest.fixture(scope="module")
def sabotaged() -> Iterator[tuple[World, Saboteur]]:
    with account() as world:
        saboteur = Saboteur(world)
        saboteur.install()
        yield world, saboteur


def fresh(world: World) -> None:
    """An empty account, the same clients."""
    moto_api_backend.reset()
    rules = world.rules
    for each in (rules.born, rules.dead, rules.hidden, rules.lifecycles, rules.logging, rules.writing):
        each.clear()
    rules.look("iam").create_user(UserName="operator")
    rules.forget()


def undisturbed(world: World, saboteur: Saboteur, *, teardown: bool) -> tuple[list[bool], str]:
    """For each call of a run whether it reads, and the state after the run."""
    saboteur.disarm()
    fresh(world)
    if teardown:
        assert reasons(world.provision()) == {}
        world.rules.forget()
        assert reasons(world.teardown(consent=CONSENT)) == {}
    else:
        assert reasons(world.provision()) == {}
    return [each.read for each in world.rules.calls], state(world)


def cases(reads: list[bool], part: int) -> Iterator[tuple[int, Fault]]:
    """This slice's calls, each with its faults."""
    for k in range(part, len(reads), SLICES):
        yield from ((k, fault) for fault in faults_of(k, reads[k], every=EVERY))


def disturbed(world: World, saboteur: Saboteur, k: int, fault: Fault, run: Callable[[], object]) -> bool:
    """One run with one fault, whatever it ends with. False when it ended before it wrote anything."""
    world.rules.forget()
    saboteur.arm(k, fault)
    with contextlib.suppress(Killed, Interrupted, ClientError, BotoCoreError):
        run()
    assert saboteur.fired, f"there was no call {k}"
    saboteur.disarm()
    world.rules.writing.clear()  # the process is gone, and its calls with it
    return bool(world.rules.writes())


@pytest.mark.parametrize("part", range(SLICES))
def test_provision_converges_after_any_fault(
    sabotaged: tuple[World, Saboteur], part: int, record_property: Callable[[str, object], None]
) -> None:
    world, saboteur = sabotaged
    reads, wanted = undisturbed(world, saboteur, teardown=False)
    done: Counter[str] = Counter()
    fresh(world)
    for k, fault in cases(reads, part):
        if disturbed(world, saboteur, k, fault, world.provision):
            assert reasons(world.provision()) == {}, f"rerun after call {k}: {fault}"
            assert state(world) == wanted, f"other state after call {k}: {fault}"
            world.rules.forget()
            assert reasons(world.provision(), "kept", "operator") == {}, f"third run after call {k}: {fault}"
            assert world.rules.writes() == [], f"third run after call {k}: {fault}"
            fresh(world)
        done[str(fault)] += 1
    record_property("sweep", {"provision": dict(done)})


@pytest.mark.parametrize("part", range(SLICES))
def test_teardown_converges_after_any_fault(
    sabotaged: tuple[World, Saboteur], part: int, record_property: Callable[[str, object], None]
) -> None:
    world, saboteur = sabotaged
    reads, wanted = undisturbed(world, saboteur, teardown=True)
    done: Counter[str] = Counter()
    made = False
    for k, fault in cases(reads, part):
        if not made:
            fresh(world)
            assert reasons(world.provision()) == {}
        made = not disturbed(world, saboteur, k, fault, lambda: world.teardown(consent=CONSENT))
        if not made:
            assert reasons(world.teardown(consent=CONSENT)) == {}, f"rerun after call {k}: {fault}"
            assert state(world) == wanted, f"other state after call {k}: {fault}"
        done[str(fault)] += 1
    record_property("sweep", {"teardown": dict(done)})
