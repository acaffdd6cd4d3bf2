"""Any order of provision, hand edits, crashes, tenant changes and teardown, in an account that others use as well.

Hypothesis chooses the order: the same 5 orders in every run. MACHINE_EXAMPLES, MACHINE_STEPS and MACHINE_SEED ask for
more and for others.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from cci_lite.aws.scope import current_step
from cci_lite.engine.clock import Interrupted
from cci_lite.engine.validate import validate
from cci_lite.evidence.journal import Journal
from tests.steps import others
from tests.steps.faults import Fault, Killed, fresh, state
from tests.steps.mishaps import EVENTS, AtWrites, Edit
from tests.steps.test_drift import INPUT, KEY, RESULTS
from tests.steps.test_foreign import adopting, strangers, their_bucket
from tests.steps.test_tenants import ACME
from tests.world import World, account, reasons

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", 0))
#: Under this seed the few orders of a short run hold every event at least twice.
SEED = int(os.environ.get("MACHINE_SEED", 4))
ASKED = settings(
    max_examples=EXAMPLES or 5,
    stateful_step_count=int(os.environ.get("MACHINE_STEPS", 8)),
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink) if EXAMPLES else (Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
CONSENT = (KEY, INPUT, RESULTS)
GONE = ("removed", "released", "absent")


class Machine(RuleBasedStateMachine):
    """standing: a run came to its end and nothing was taken down since; data: customers' recordings;
    ends: what the account looks like after provision, by runbook."""

    def __init__(self, empty: World, saboteur: AtWrites, folder: Path, ends: dict[object, str]) -> None:
        super().__init__()
        self.empty, self.saboteur, self.folder, self.ends = empty, saboteur, folder, ends
        self.standing, self.data = False, set[tuple[str, str]]()

    @initialize(adopted=st.booleans(), provisioned=st.booleans())
    def an_account_of_others(self, adopted: bool, provisioned: bool) -> None:
        fresh(self.empty)
        strangers(self.empty)
        self.adopted, self.world = adopted, self.empty
        if adopted:
            their_bucket(self.empty)
            self.world = adopting(self.empty)
        self.world = self.world.with_runbook(tenants={**self.world.runbook.tenants, "acme": ACME})
        self.theirs = others.theirs(self.empty, adopted=adopted)
        self.before, self.found = others.shape(self.empty), others.objects(self.empty)
        if provisioned:
            self.provision()

    @rule(event=EVENTS)
    def next(self, event: tuple[str, tuple[Any, ...]]) -> None:
        """One rule for all: of several, Hypothesis switches some off in each example, which pays in long runs only."""
        name, arguments = event
        getattr(self, name)(*arguments)

    def provision(self) -> None:
        assert reasons(self.run(self.world.provision)) == {}
        assert reasons(self.run(self.world.provision), "kept") == {}
        assert self.world.rules.writes() == []
        reached = others.shape(self.world)
        assert reached == self.ends.setdefault((self.adopted, *self.world.runbook.tenants), reached)
        self.standing = True

    def provision_goes_wrong(self, k: int, fault: Fault, noticed: bool) -> None:
        self.disturbed(k, fault, self.world.provision)
        if noticed:
            self.provision()

    def somebody_edits_by_hand(self, edit: Edit, noticed: bool) -> None:
        if self.standing:
            with contextlib.suppress(ClientError, LookupError):  # another edit took the thing away
                edit(self.world)
        if noticed:
            self.provision()

    def a_tenant_comes_or_goes(self, name: str, noticed: bool) -> None:
        tenants = dict(self.world.runbook.tenants)
        if tenants.pop(name, None) is None:
            tenants[name] = ACME
        self.world = self.world.with_runbook(tenants=tenants)
        if noticed:
            self.provision()

    def a_customer_calls(self, number: int) -> None:
        if self.standing:
            key = f"demo-tenant/calls/customer-{number}.wav"
            self.world.rules.look("s3").put_object(Bucket=INPUT, Key=key, Body=b"a call")
            self.data.add((INPUT, key))

    def somebody_looks(self) -> None:
        found = self.run(self.world.plan)
        assert self.world.rules.writes() == []
        before = state(self.world)
        self.run(lambda: validate(found, self.world.hands()))
        assert state(self.world) == before

    def everything_is_taken_down(self, consent: bool) -> None:
        names, ends = (CONSENT, GONE) if consent else ((), (*GONE, "retained"))
        assert reasons(self.run(lambda: self.world.teardown(consent=names)), *ends) == {}
        if consent:
            self.forgive()
            assert others.shape(self.world) == self.before
            assert others.objects(self.world) == self.found | self.data
        else:
            assert reasons(self.run(self.world.teardown), "released", "absent", "retained") == {}
        self.standing = False

    def teardown_goes_wrong(self, k: int, fault: Fault, consent: bool) -> None:
        self.standing = False
        self.disturbed(k, fault, lambda: self.world.teardown(consent=CONSENT if consent else ()))
        if consent:
            self.forgive()

    @invariant()
    def what_others_have_is_as_it_was(self) -> None:
        assert others.theirs(self.world, adopted=self.adopted) == self.theirs

    @invariant()
    def nothing_is_there_twice(self) -> None:
        assert others.twice(self.world) == []

    @invariant()
    def no_recording_is_lost(self) -> None:
        assert self.data <= others.objects(self.world)

    def forgive(self) -> None:
        """What the operator consented to lose may be gone, but never what lies in somebody else's bucket."""
        if not self.adopted:
            self.data.clear()

    def disturbed(self, k: int, fault: Fault, run: Callable[[], object]) -> None:
        self.saboteur.arm(k, fault)
        with contextlib.suppress(Killed, Interrupted, ClientError, BotoCoreError):
            self.run(run)
        self.saboteur.disarm()
        self.world.rules.writing.clear()  # the process is gone, and its calls with it

    def run(self, work: Callable[[], Any]) -> Any:
        """One command, with a journal that names every write it sent, however it ended."""
        path, rules = self.folder / "journal.jsonl", self.world.rules
        path.unlink(missing_ok=True)
        rules.forget()
        journal = Journal(path, self.world.clock.utc, current_step.get)
        self.world.cloud.listeners[:] = [journal]
        try:
            return work()
        finally:
            self.world.cloud.listeners.clear()
            journal.close()
            lines = [json.loads(each) for each in path.read_text().splitlines()]
            assert Counter(rules.writes()) <= Counter(each["intent"] for each in lines if "intent" in each)


@pytest.fixture(scope="module")
def empty() -> Iterator[tuple[World, AtWrites]]:
    with account() as world:
        saboteur = AtWrites(world)
        saboteur.install()
        yield world, saboteur


def test_any_order_of_what_happens_to_an_account_ends_well(empty: tuple[World, AtWrites], tmp_path: Path) -> None:
    ends: dict[object, str] = {}
    run_machine(seed(SEED)(lambda: Machine(*empty, tmp_path, ends)), settings=ASKED)
