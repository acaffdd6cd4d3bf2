"""An account on strict moto goes back to a moment of its own, or of another account, and nothing is forgotten."""

from __future__ import annotations

from tests.steps.faults import state
from tests.world import account, reasons

RESULTS = "cci-lite-results-123456789012-eu-central-1-an"


def test_an_account_goes_back_to_what_it_was_and_later_changes_change_no_moment() -> None:
    with account() as world:
        nothing, empty = world.moment(), state(world)
        assert reasons(world.provision()) == {}
        everything, full, time = world.moment(), state(world), world.clock.now()
        world.rules.look("s3").put_object(Bucket=RESULTS, Key="more.json", Body=b"{}")
        world.rules.reserved["cci-lite-processor"] = 1
        world.clock.sleep(60)
        world.teardown()
        for _ in range(2):
            world.back_to(everything)
            assert (state(world), world.clock.now(), world.rules.reserved) == (full, time, {})
            world.rules.look("s3").put_object(Bucket=RESULTS, Key="again.json", Body=b"{}")
        world.back_to(nothing)
        assert state(world) == empty


def test_what_stands_in_a_new_account_is_whole_and_needs_nothing_written() -> None:
    for _ in range(2):
        with account() as world:
            assert "kms:CreateKey" in world.stand().rules.writes()
            world.rules.forget()
            assert reasons(world.provision(), "kept") == {}
            assert world.rules.writes() == []
            found = world.rules.look("s3").list_objects_v2(Bucket=RESULTS)["Contents"]
            bodies = [world.rules.look("s3").get_object(Bucket=RESULTS, Key=each["Key"])["Body"] for each in found]
            assert any(b"schema" in each.read() for each in bodies)


def test_steps_that_stand_alone_leave_the_others_to_be_made() -> None:
    with account() as world:
        world.stand("master-key")
        assert [each.step.meta.id for each in world.plan("master-key", "input-bucket").pending] == ["input-bucket"]
        world.provision()
        assert world.plan().in_place
