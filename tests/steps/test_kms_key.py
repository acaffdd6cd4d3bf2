"""What the key's step remembers between two looks is a guess, and is believed only when AWS still says so; and the
key's policy is written once for all who are in it."""

from __future__ import annotations

from typing import Any

from cci_lite.engine.model import Known, Observed
from tests.steps.spoils import KEY
from tests.world import FOUNDATION, World, reasons


def asked(world: World) -> list[str]:
    """Operations since the last `forget`."""
    return [each.operation for each in world.rules.calls]


def look(world: World, step: Any) -> Observed | None:
    world.rules.forget()
    found: Observed | None = step.observe(Known())
    return found


def test_an_absent_key_is_looked_for_by_name_and_by_tags_each_time(empty: World) -> None:
    step = empty.graph["master-key"]
    for _ in range(2):
        assert look(empty, step) is None
        assert asked(empty) == ["DescribeKey", "ListKeys"]


def test_a_second_look_asks_no_more_than_the_first(foundation: World) -> None:
    step = foundation.plan().decisions[0].step
    foundation._begin()
    fresh = foundation.graph["master-key"]
    assert look(foundation, fresh) == look(foundation, step)
    once = sorted(asked(foundation))
    look(foundation, fresh)
    assert sorted(asked(foundation)) == once == ["DescribeKey", "GetKeyRotationStatus", "ListResourceTags"]


def test_the_alias_decides_which_key_it_is(foundation: World) -> None:
    """Somebody moves the alias to a key of their own between two looks."""
    kms, step = foundation.rules.look("kms"), foundation.graph["master-key"]
    ours = look(foundation, step)
    theirs = kms.create_key(Description="theirs", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    kms.update_alias(AliasName=KEY, TargetKeyId=theirs["KeyId"])
    seen = look(foundation, step)
    assert ours is not None and seen is not None
    assert (seen.facts["id"], seen.spec.description, seen.owned) == (theirs["KeyId"], "theirs", False)


def test_our_key_is_found_again_when_its_alias_was_taken_off(foundation: World) -> None:
    step = foundation.graph["master-key"]
    ours = look(foundation, step)
    foundation.rules.look("kms").delete_alias(AliasName=KEY)
    seen = look(foundation, step)
    assert ours is not None and seen is not None
    assert (seen.facts["id"], seen.spec.alias, seen.owned) == (ours.facts["id"], "", True)


def test_a_key_that_is_closed_to_us_since_the_last_look_is_told(foundation: World) -> None:
    step = foundation.graph["master-key"]
    assert look(foundation, step) is not None
    kms = foundation.rules.look("kms")
    kms.disable_key(KeyId=kms.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"])
    blocked = foundation.plan("master-key").halted
    assert "aws kms enable-key" in blocked[0].reason


def test_administrator_and_user_join_the_policy_in_one_write(empty: World) -> None:
    assert asked(empty.stand(*FOUNDATION)).count("PutKeyPolicy") == 1
    policy = empty.cloud.client("kms").get_key_policy(KeyId=_key(empty), PolicyName="default")["Policy"]
    assert "user/operator" in policy and "role/cci-lite-lambda-role" in policy


def _key(world: World) -> str:
    return str(world.cloud.client("kms").describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"])


def test_a_new_key_that_parts_of_kms_have_not_heard_of_is_waited_for_and_made_once(empty: World) -> None:
    empty.rules.unsettled = 3
    assert reasons(empty.provision(*FOUNDATION)) == {}
    kms = empty.rules.look("kms")
    assert len(kms.list_keys()["Keys"]) == 1
    key = kms.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"]
    assert "kms:*" in kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]  # the account's own statement
