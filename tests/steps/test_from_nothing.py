"""Whole runs on an empty account."""

from __future__ import annotations

from tests.steps.repairs import differing
from tests.steps.test_contract import LOOKING
from tests.world import World, account, reasons


def test_from_nothing_to_in_place_and_a_second_run_writes_nothing(empty: World) -> None:
    first = empty.provision()
    assert reasons(first) == {}
    assert {each.result for name, each in first.items() if name not in LOOKING} == {"created", "operator"}
    empty.rules.forget()
    assert {each.result for each in empty.provision().values()} == {"kept"}
    assert empty.rules.writes() == []


def test_planning_an_empty_account_writes_nothing(empty: World) -> None:
    empty.plan()
    assert empty.rules.writes() == []


def test_teardown_and_a_second_teardown(empty: World) -> None:
    empty.provision()
    consent = ["alias/cci-lite-master-key"]
    assert reasons(empty.teardown(consent=consent)) == {}
    empty.rules.forget()
    again = empty.teardown(consent=consent)
    assert {each.result for each in again.values()} <= {"absent", "released"}
    assert empty.rules.writes() == []


def test_a_first_run_with_several_hands_meets_no_conflict_at_a_bucket() -> None:
    """S3 refuses a change of a bucket that meets another one: here it takes long enough to meet the next."""
    with account(threads=True, takes_s=0.01) as world:
        world.jobs = 8
        assert reasons(world.provision()) == {}
        assert world.rules.conflicts == []
        assert differing(world.plan()) == []
