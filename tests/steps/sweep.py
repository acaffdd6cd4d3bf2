"""Every call of provision and of teardown goes wrong once in every way that matters; a plain rerun converges.

Converges: the final state equals the undisturbed one, nothing is there twice, nothing is orphaned, and a third run
writes nothing. The table is printed at the end of the test run.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError
from moto.moto_api._internal.models import moto_api_backend

from cci_lite.engine.clock import Interrupted
from tests.steps.faults import Fault, Killed, Saboteur, faults_of, state
from tests.world import World, account, reasons

CONSENT = ["alias/cci-lite-master-key"]
#: Slices of the calls: so many tests that the sweep is given out first and ends with the others.
SLICES = 120
#: `make sweep` tries every fault on every call; the shorter set leaves out cases that end like another one.
EVERY = bool(os.environ.get("SWEEP_EVERY_FAULT"))


@dataclass(frozen=True)
class Sweep:
    """An account to disturb; `reads`: for each call of an undisturbed run whether it reads; `wanted`: its end."""

    world: World
    saboteur: Saboteur
    reads: list[bool]
    wanted: str


@contextlib.contextmanager
def swept(*, teardown: bool) -> Iterator[Sweep]:
    """An account, and what an undisturbed provision (or teardown) of it does."""
    with account() as world:
        saboteur = Saboteur(world)
        saboteur.install()
        saboteur.disarm()
        assert reasons(world.provision()) == {}
        if teardown:
            world.rules.forget()
            assert reasons(world.teardown(consent=CONSENT)) == {}
        sweep = Sweep(world, saboteur, [each.read for each in world.rules.calls], state(world))
        fresh(world)
        yield sweep


def fresh(world: World) -> None:
    """An empty account, the same clients."""
    moto_api_backend.reset()
    rules = world.rules
    for each in (rules.born, rules.dead, rules.hidden, rules.lifecycles, rules.logging, rules.writing):
        each.clear()
    rules.look("iam").create_user(UserName="operator")
    rules.forget()


def cases(sweep: Sweep, part: int) -> Iterator[tuple[int, Fault]]:
    """This slice's calls, each with its faults."""
    for k in range(part, len(sweep.reads), SLICES):
        yield from ((k, fault) for fault in faults_of(k, sweep.reads[k], every=EVERY))


def disturbed(sweep: Sweep, k: int, fault: Fault, run: Callable[[], object]) -> bool:
    """One run with one fault, whatever it ends with. False when it ended before it wrote anything."""
    world, saboteur = sweep.world, sweep.saboteur
    world.rules.forget()
    saboteur.arm(k, fault)
    with contextlib.suppress(Killed, Interrupted, ClientError, BotoCoreError):
        run()
    assert saboteur.fired, f"there was no call {k}"
    saboteur.disarm()
    world.rules.writing.clear()  # the process is gone, and its calls with it
    return bool(world.rules.writes())
