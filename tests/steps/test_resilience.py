"""First runs in bad weather: each succeeds in one start, without a duplicate and without an orphan."""

from __future__ import annotations

from tests.aws_rules.weather import Fault
from tests.world import World, reasons


def keys(world: World) -> int:
    return len(world.rules.look("kms").list_keys()["Keys"])


def test_new_roles_that_nobody_knows_for_8_seconds_and_functions_that_stay_pending(empty: World) -> None:
    empty.rules.role_lag_s, empty.rules.pending_reads = 8, 4
    assert reasons(empty.provision()) == {}
    assert keys(empty) == 1


def test_new_things_that_do_not_show_at_first(empty: World) -> None:
    empty.rules.hidden_reads = 2
    assert reasons(empty.provision()) == {}
    assert keys(empty) == 1


def test_a_quarter_of_all_calls_is_throttled(empty: World) -> None:
    empty.rules.throttled = 0.25
    assert reasons(empty.provision()) == {}
    assert keys(empty) == 1


def test_the_answer_to_every_create_is_lost_once(empty: World) -> None:
    creates = {
        "kms": "CreateKey",
        "iam": "CreateRole",
        "s3": "CreateBucket",
        "lambda": "CreateFunction",
        "logs": "CreateLogGroup",
        "ssm": "PutParameter",
        "sqs": "CreateQueue",
        "sns": "CreateTopic",
    }
    faults = [Fault(*each, lost=True) for each in creates.items()]
    empty.rules.weather.faults.extend(faults)
    assert reasons(empty.provision()) == {}
    assert [each.operation for each in faults if each.times] == []
    assert keys(empty) == 1 and empty.rules.writes().count("kms:CreateKey") == 1


def test_the_answer_to_every_removal_is_lost_once(provisioned: World) -> None:
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
    faults = provisioned.rules.weather.faults = [Fault(*each, lost=True) for each in sorted(removals)]
    assert reasons(provisioned.teardown(consent=["alias/cci-lite-master-key"])) == {}
    assert [each.operation for each in faults if each.times] == []
