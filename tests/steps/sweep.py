"""Every call of provision and of teardown goes wrong once in every way that matters; a plain rerun converges.

Converges: the final state equals the undisturbed one, nothing is there twice, nothing is orphaned, and a third run
writes nothing. A program: `python -m tests.steps.sweep provision 0 2` prints a line of JSON for each case of every
second call, beginning with call 0.

One run is made, in legs. At each of its calls the process splits: the copies live through one fault each, while the
original waits and then goes on undisturbed. What comes before a call is paid for once, not once a fault. Many faults
leave the account in the same way: a copy ends early where the rest has been seen to go well from there. A rerun is of
the leg that met the fault: a phase, as operators work, or all phases at once in `make sweep`.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cci_lite.aws.calls import is_read
from cci_lite.aws.scope import current_step
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.outcome import Outcome
from cci_lite.engine.plan import Plan
from cci_lite.engine.teardown import Removals
from tests.aws_rules.answers import Answer
from tests.steps.faults import Killed, Saboteur, faults_of, fresh, probes, state
from tests.steps.splitting import end, split
from tests.world import PHASES, World, account, reasons

CONSENT = ["alias/cci-lite-master-key"]
#: `make sweep` tries every fault on every call; the shorter set leaves out cases that end like another one.
EVERY = bool(os.environ.get("SWEEP_EVERY_FAULT"))
#: What a copy tells when all is well. Silence is no success: a copy may have crashed.
CONVERGED = "converged"
Leg = tuple[str, ...]  # ids of the steps of one command
_PLANS: dict[str, Callable[[World, Leg], Any]] = {
    "provision": lambda world, leg: world.plan(*leg),
    "teardown": lambda world, leg: world.plan_removal(*leg, consent=CONSENT),
}
#: A run, by what was found just now.
_RUNS: dict[str, Callable[[World, Any], dict[str, Outcome]]] = {
    "provision": lambda world, found: world.provision(found=found),
    "teardown": lambda world, found: world.teardown(found=found),
}


def _legs(name: str) -> list[Leg]:
    phases = PHASES if name == "provision" else PHASES[::-1]
    return [tuple(step for phase in phases for step in phase)] if EVERY else phases


@dataclass
class Splitter(Saboteur):
    """At each call of the product: a copy of the process for each fault of that call."""

    splitting: bool = False
    share: tuple[int, int] = (0, 1)  # (first, step): of the calls
    leg: Leg = ()
    #: Of each call so far, whether it reads; None: on behalf of a step of another leg.
    reads: list[bool | None] = field(default_factory=list)
    good: set[str] = field(default_factory=set)  # accounts that a rerun was seen to converge from
    report: int | None = None  # where a copy tells how it ended; the original has none

    def _before(self, context: dict[str, Any], model: Any, **more: Any) -> Answer | None:
        first, step = self.share
        elsewhere = current_step.get() not in ("", *self.leg)  # proved again: it had its faults in its own leg
        params = context.get("rules_params", {})
        self.reads.append(None if elsewhere else is_read(model.service_model.service_name, model.name, params))
        if self.splitting and self.count % step == first:
            self._split()
        return super()._before(context, model, **more)

    def _split(self) -> None:
        for fault in faults_of(self.count, self.reads, every=EVERY):
            self.report, told = split()
            if self.report is not None:
                self.k, self.fault, self.splitting = self.count, fault, False
                return
            ended, _, left = told.partition(" ")
            if ended == CONVERGED:
                self.good.add(left)
                told = ended
            print(json.dumps({"call": self.count, "fault": fault, "told": told}), flush=True)


def main(name: str, share: tuple[int, int]) -> None:
    """Prints {"calls": n, "due": the calls that get a fault}, then {"call", "fault", "told"} for each case.

    told: CONVERGED or what went wrong.
    """
    with account() as world:
        splitter = Splitter(world)
        splitter.install()  # before any client is made
        _warm(world)
        if name == "teardown":
            _expect(reasons(world.provision()), {}, "first run")
        gc.collect()
        gc.disable()  # a collection in a copy would touch, and so copy, all of the memory; none lives long
        reads, ends = _undisturbed(world, splitter, name)
        due = [k for k in range(len(reads)) if faults_of(k, reads, every=EVERY)]
        print(json.dumps({"calls": len(reads), "due": due}), flush=True)
        splitter.disarm()
        splitter.splitting, splitter.share, splitter.reads = True, share, []
        for leg, wanted in zip(_legs(name), ends, strict=True):
            _swept(world, splitter, name, leg, wanted)


def _swept(world: World, splitter: Splitter, name: str, leg: Leg, wanted: str) -> None:
    """The original comes back, the leg behind it; its copies end here."""
    splitter.leg, splitter.good = leg, set()
    world.rules.forget()
    try:
        with contextlib.suppress(Killed, Interrupted, ClientError, BotoCoreError):
            _run(world, name, leg)
    except BaseException:  # whatever else ends a run, a copy tells it instead of leaving as the original would
        if splitter.report is None:
            raise
        end(splitter.report, traceback.format_exc)
    if splitter.report is not None:
        end(splitter.report, lambda: _converged(world, splitter, name, leg, wanted))


def _warm(world: World) -> None:
    """Everything once, so that no copy has to make clients or to load what they need; then an empty account again."""
    for name in _RUNS:
        _expect(reasons(_run(world, name)), {}, "a first run")
    state(world)
    fresh(world)


def _undisturbed(world: World, splitter: Splitter, name: str) -> tuple[list[bool | None], list[str]]:
    """What `Splitter.reads` tells of the run's calls; the state each leg ends in. The account stays as it is."""
    report, told = split()
    if report is not None:
        splitter.reads = []
        end(report, lambda: json.dumps([list(_ends(world, splitter, name)), splitter.reads]))
    ended, reads = json.loads(told)
    _expect([failed for failed, _ in ended], [{} for _ in ended], "undisturbed run")
    return reads, [end for _, end in ended]


def _ends(world: World, splitter: Splitter, name: str) -> Iterator[tuple[dict[str, str], str]]:
    """Of each leg what failed, and the state after it."""
    for leg in _legs(name):
        splitter.leg = leg
        yield reasons(_run(world, name, leg)), state(world)


def _converged(world: World, splitter: Splitter, name: str, leg: Leg, wanted: str) -> str:
    """CONVERGED, and the account that the fault left. Raises AssertionError."""
    splitter.disarm()
    world.rules.writing.clear()  # the process is gone, and its calls with it
    if not world.rules.writes():
        return CONVERGED
    found = _PLANS[name](world, leg)
    left = _left(world, found)
    if left not in splitter.good:
        _expect(reasons(_RUNS[name](world, found)), {}, "rerun")
        _expect(state(world), wanted, "state after the rerun")
        if name == "provision":
            world.rules.forget()
            _expect(reasons(world.provision(*leg), "kept", "operator"), {}, "third run")
            _expect(world.rules.writes(), [], "writes of the third run")
    return f"{CONVERGED} {left}"


def _run(world: World, name: str, leg: Leg = ()) -> dict[str, Outcome]:
    return _RUNS[name](world, _PLANS[name](world, leg))


def _left(world: World, found: Plan | Removals) -> str:
    """All that a rerun can see of the account: what it has decided, what is there, and lost probes."""
    items = found.items if isinstance(found, Removals) else found.decisions
    decided = [(each.step.meta.id, each.action, each.reason, getattr(each, "changes", None)) for each in items]
    return hashlib.sha256(repr((decided, state(world), probes(world))).encode()).hexdigest()


def _expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise AssertionError(f"{what}\n  found  {found}\n  wanted {wanted}")


if __name__ == "__main__":
    main(sys.argv[1], (int(sys.argv[2]), int(sys.argv[3])))
