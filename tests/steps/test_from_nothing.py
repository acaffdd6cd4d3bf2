"""Whole runs on an empty account."""

from __future__ import annotations

from tests.steps.repairs import differing
from tests.steps.test_contract import LOOKING
from tests.world import account, reasons


def test_from_nothing_to_in_place_and_a_second_run_writes_nothing() -> None:
    with account() as world:
        found = world.plan()
        assert world.rules.writes() == []
        first = world.provision(found=found)
        assert reasons(first) == {}
        assert {each.result for name, each in first.items() if name not in LOOKING} == {"created", "operator"}
        world.rules.forget()
        assert {each.result for each in world.provision().values()} == {"kept"}
        assert world.rules.writes() == []


def test_teardown_and_a_second_teardown() -> None:
    with account() as world:
        world.stand()
        consent = ["alias/cci-lite-master-key"]
        assert reasons(world.teardown(consent=consent)) == {}
        world.rules.forget()
        again = world.teardown(consent=consent)
        assert {each.result for each in again.values()} <= {"absent", "released"}
        assert world.rules.writes() == []


def test_a_first_run_with_several_hands_meets_no_conflict_at_a_bucket() -> None:
    """S3 refuses a change of a bucket that meets another one: here it takes long enough to meet the next."""
    with account(threads=True, takes_s=0.01) as world:
        world.jobs = 8
        assert reasons(world.provision()) == {}
        assert world.rules.conflicts == []
        assert differing(world.plan()) == []
