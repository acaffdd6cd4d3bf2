"""First runs in bad weather: each succeeds in one start, without a duplicate and without an orphan."""

from __future__ import annotations

import pytest

from tests.aws_rules.weather import Fault
from tests.world import World, account, reasons


def keys(world: World) -> int:
    return len(world.rules.look("kms").list_keys()["Keys"])


def test_new_roles_that_nobody_knows_for_8_seconds() -> None:
    with account(role_lag_s=8) as world:
        assert reasons(world.provision()) == {}
        assert keys(world) == 1


def test_new_things_that_do_not_show_at_first() -> None:
    with account(hidden_reads=2) as world:
        assert reasons(world.provision()) == {}
        assert keys(world) == 1


def test_functions_that_stay_pending() -> None:
    with account(pending_reads=4) as world:
        assert reasons(world.provision()) == {}


@pytest.mark.parametrize("seed", range(3))
def test_a_quarter_of_all_calls_is_throttled(seed: int) -> None:
    with account(throttled=0.25) as world:
        world.rules.chance.seed(seed)
        assert reasons(world.provision()) == {}
        assert keys(world) == 1


def test_the_answer_to_create_key_is_lost() -> None:
    with account() as world:
        world.rules.weather.faults.append(Fault("kms", "CreateKey", lost=True))
        assert reasons(world.provision()) == {}
        assert keys(world) == 1
        assert world.rules.writes().count("kms:CreateKey") == 1


def test_the_answer_to_every_create_is_lost_once() -> None:
    creates = {
        "iam": "CreateRole",
        "s3": "CreateBucket",
        "lambda": "CreateFunction",
        "logs": "CreateLogGroup",
        "ssm": "PutParameter",
        "sqs": "CreateQueue",
        "sns": "CreateTopic",
    }
    with account() as world:
        faults = [Fault(*each, lost=True) for each in creates.items()]
        world.rules.weather.faults.extend(faults)
        assert reasons(world.provision()) == {}
        assert [each.operation for each in faults if each.times] == []


def test_the_answer_to_every_removal_is_lost_once() -> None:
    """The transport sends it again, and finds nothing there any more."""
    removals = {
        ("lambda", "DeleteFunctionEventInvokeConfig"),
        ("lambda", "RemovePermission"),
        ("lambda", "DeleteFunction"),
        ("events", "RemoveTargets"),
        ("events", "DeleteRule"),
        ("logs", "DeleteLogGroup"),
        ("sqs", "DeleteQueue"),
        ("sns", "Unsubscribe"),
        ("sns", "DeleteTopic"),
        ("ssm", "DeleteParameters"),
        ("iam", "DeleteRolePolicy"),
        ("iam", "DeleteRole"),
        ("s3", "DeleteBucketPolicy"),
        ("s3", "DeleteBucketLifecycle"),
        ("s3", "DeleteObjects"),
        ("s3", "DeleteBucket"),
        ("cloudwatch", "DeleteAlarms"),
        ("glue", "DeleteTable"),
        ("glue", "DeleteDatabase"),
        ("kms", "DeleteAlias"),
        ("kms", "ScheduleKeyDeletion"),
    }
    with account() as world:
        assert reasons(world.provision()) == {}
        faults = world.rules.weather.faults = [Fault(*each, lost=True) for each in sorted(removals)]
        assert reasons(world.teardown(consent=["alias/cci-lite-master-key"])) == {}
        assert [each.operation for each in faults if each.times] == []
