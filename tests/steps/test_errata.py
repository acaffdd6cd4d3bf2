"""What the shipped runbook makes where the console plan made something else: docs/errata.md names these tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from cci_lite.engine.model import Known, Status
from cci_lite.steps.kind import Tenant
from tests.steps.spoils import ALARM, FUNCTION, INPUT, MODELS, PREFIX, RESULTS
from tests.world import World, account


@pytest.fixture(scope="module")
def made() -> Iterator[World]:
    """Everything in place; `rules.calls` holds what it took."""
    with account() as world:
        yield world.stand()


def statements(world: World, bucket: str) -> list[dict[str, Any]]:
    policy = json.loads(world.rules.look("s3").get_bucket_policy(Bucket=bucket)["Policy"])
    return list(policy["Statement"])


def key_arn(world: World) -> str:
    return str(world.rules.look("kms").describe_key(KeyId="alias/cci-lite-master-key")["KeyMetadata"]["Arn"])


def order(world: World, *calls: str) -> list[str]:
    """These writes in the order in which they were first made."""
    return list(dict.fromkeys(each for each in world.rules.writes() if each in calls))


def checks(world: World, step: str) -> dict[str, tuple[Status, str]]:
    found = world.plan(step)
    (decision,) = [each for each in found.decisions if each.step.meta.id == step]
    assert decision.observed is not None
    return {each.id: (each.status, each.evidence) for each in decision.step.validate(decision.observed, found.known)}


@pytest.mark.parametrize(("bucket", "count"), [(INPUT, 3), (RESULTS, 1)])
def test_bucket_policies_name_nobody_and_allow_nothing(made: World, bucket: str, count: int) -> None:
    told = statements(made, bucket)
    assert [(each["Effect"], each["Principal"]) for each in told] == [("Deny", "*")] * count
    assert not any("Acl" in json.dumps(each) for each in told)


@pytest.mark.parametrize("bucket", [INPUT, RESULTS])
def test_the_default_encryption_names_the_keys_arn_and_keeps_a_bucket_key(made: World, bucket: str) -> None:
    found = made.cloud.client("s3").get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    (rule,) = found["Rules"]
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key_arn(made)}
    assert (rule["ApplyServerSideEncryptionByDefault"], rule["BucketKeyEnabled"]) == (default, True)


@pytest.mark.parametrize("bucket", [INPUT, RESULTS])
def test_rules_that_expire_objects_leave_folder_markers_alone(made: World, bucket: str) -> None:
    expiring = [each for each in made.rules.lifecycles[bucket] if "Expiration" in each]
    smallest = [each["Filter"].get("And", each["Filter"])["ObjectSizeGreaterThan"] for each in expiring]
    assert len(smallest) >= 1 and set(smallest) == {1}


def test_buckets_are_asked_for_in_the_accounts_own_namespace(made: World) -> None:
    asked = [each.params for each in made.rules.calls if each.name == "s3:CreateBucket"]
    assert sorted(each["Bucket"] for each in asked) == [INPUT, RESULTS]
    assert {each["BucketNamespace"] for each in asked} == {"account-regional"}


def test_the_bucket_may_invoke_the_function_before_it_is_told_to(made: World) -> None:
    told = order(made, "lambda:AddPermission", "s3:PutBucketNotificationConfiguration")
    assert told == ["lambda:AddPermission", "s3:PutBucketNotificationConfiguration"]
    found = made.rules.look("s3").get_bucket_notification_configuration(Bucket=INPUT)
    (one,) = found["LambdaFunctionConfigurations"]
    assert (one["Id"], one["LambdaFunctionArn"].rsplit(":", 1)[-1]) == ("on-new-call-demo-tenant", FUNCTION)
    assert [each["Value"] for each in one["Filter"]["Key"]["FilterRules"]] == [PREFIX]


def test_the_event_row_is_proved_by_its_target_and_by_a_call_that_goes_through(made: World) -> None:
    assert {status for status, _ in checks(made, "on-new-call").values()} == {Status.PASSED}
    told = checks(made, "sample-call")
    assert [told[f"sample-call.{each}"][0] for each in ("result", "transcript", "encryption")] == [Status.PASSED] * 3
    assert told["sample-call.encryption"][1] == f"aws:kms {key_arn(made)}"


def test_the_log_group_has_its_retention_before_there_is_a_function(made: World) -> None:
    calls = ("logs:CreateLogGroup", "logs:PutRetentionPolicy", "lambda:CreateFunction")
    assert order(made, *calls) == list(calls)


def test_between_calls_the_alarm_is_healthy(made: World) -> None:
    (alarm,) = made.rules.look("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"]
    assert alarm["TreatMissingData"] == "notBreaching"


def test_the_functions_environment_names_places_and_no_model(made: World) -> None:
    found = made.rules.look("lambda").get_function_configuration(FunctionName=FUNCTION)
    names = {"INPUT_BUCKET", "OUTPUT_BUCKET", "RESULTS_TMP_PREFIX", "KMS_KEY_ARN", "CONFIG_PATH"}
    assert found["Environment"]["Variables"].keys() == names
    assert found["Runtime"] == "python3.13"


def test_a_parameter_gets_its_tags_when_it_is_made_and_is_overwritten_without_them(made: World) -> None:
    made.rules.look("ssm").put_parameter(Name=MODELS, Value="{}", Overwrite=True)
    assert made.provision()["models-parameter"].result == "updated"
    puts = [each.params for each in made.rules.calls if each.name == "ssm:PutParameter"]
    first, second = [each for each in puts if each["Name"] == MODELS]
    assert (bool(first["Tags"]), first.get("Overwrite", False)) == (True, False)
    assert ("Tags" in second, second["Overwrite"]) == (False, True)


def test_intermediate_transcripts_go_after_a_day(made: World) -> None:
    rules = {each["Filter"].get("And", each["Filter"]).get("Prefix"): each for each in made.rules.lifecycles[RESULTS]}
    assert rules["tmp/"]["Expiration"] == {"Days": 1}


@pytest.mark.parametrize(("step", "kept"), [("input-lifecycle", 2), ("results-lifecycle", 7)])
def test_a_tenant_that_keeps_less_than_the_bucket_has_a_rule_of_its_own(made: World, step: str, kept: int) -> None:
    tenants = {"acme": Tenant(retention_days_input=2, retention_days_results=7)}
    world = made.with_settings("input-lifecycle", days=3).with_runbook(tenants=tenants)
    rules = world.graph[step].desired(Known()).rules.values()
    assert [(each.prefix, each.days) for each in rules if each.prefix.startswith("acme/")] == [("acme/", kept)]
