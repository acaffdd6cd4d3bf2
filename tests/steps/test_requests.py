"""Every request the steps send is one that AWS's own models and resource schemas allow. moto checks little of that."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from cci_lite.engine.validate import validate
from cci_lite.steps.kind import Tenant
from tests.aws_rules import Call
from tests.steps import cloudformation, shapes, test_drift, test_phase3
from tests.steps.hand_edits import MORE
from tests.world import World, account, reasons

CONSENT = ["alias/cci-lite-master-key"]
ACME = Tenant(retention_days_input=1, retention_days_results=7)


@pytest.fixture(scope="module")
def sent() -> Iterator[tuple[World, list[Call]]]:
    """All calls of a first run, of a repair of everything that can be spoiled, of another runbook, of a validation and
    of a teardown."""
    with account() as world:
        world.stand()
        for edits in ([*test_drift.DRIFT, *test_phase3.DRIFT], MORE):
            for _, _, spoil in edits:
                spoil(world)
            assert reasons(world.provision()) == {}
        more = world.with_runbook(tenants={**world.runbook.tenants, "acme": ACME})
        assert reasons(more.with_settings("master-key", rotation=False).provision()) == {}
        validate(more.plan(), more.hands())
        assert reasons(world.teardown(consent=CONSENT)) == {}
        yield world, list(world.rules.calls)


def by_model(world: World, call: Call) -> list[str]:
    """What the service's own model says against a call."""
    model = world.cloud.client(call.service).meta.service_model.operation_model(call.operation)
    return list(shapes.problems(model.input_shape, call.params))


def by_schema(call: Call) -> list[str]:
    """What the resource's schema says against a call."""
    return list(cloudformation.problems(cloudformation.AS[call.name], call.params))


def test_every_request_obeys_its_services_model(sent: tuple[World, list[Call]]) -> None:
    world, calls = sent
    assert {call.name: found for call in calls if (found := by_model(world, call))} == {}


def test_every_write_obeys_the_schema_of_what_it_makes(sent: tuple[World, list[Call]]) -> None:
    judged = [call for call in sent[1] if call.name in cloudformation.AS]
    assert {call.name: found for call in judged if (found := by_schema(call))} == {}
    assert len({call.name for call in judged}) >= 30


def test_every_kind_of_write_is_judged_by_a_schema_or_has_a_reason_why_not(sent: tuple[World, list[Call]]) -> None:
    written = {call.name for call in sent[1] if not call.read}
    assert cloudformation.uncovered(written) == set()
    assert cloudformation.WITHOUT.keys() - written == set()


_DEFAULT = "Rules.0.ApplyServerSideEncryptionByDefault"
_TOO_LONG = "cci-lite-processor" + "x" * 200
#: (operation, path, bad value, what the model says, what the schema says); "" where one of them sees nothing.
SPOILED: list[tuple[str, str, Any, str, str]] = [
    ("kms:CreateKey", "KeySpec", "AES_512", "KeySpec: 'AES_512' is none of", "Key.KeySpec: 'AES_512'"),
    ("kms:CreateAlias", "AliasName", "alias/a b", "AliasName: 'alias/a b' does not match", "Alias.AliasName:"),
    ("kms:ScheduleKeyDeletion", "PendingWindowInDays", 0, "is 0, less than 1", "less than the minimum of 7"),
    ("kms:CreateKey", "Tags.0.TagKey", "", "Tags[0].TagKey: has length 0", "Key.Tags.0.Key:"),
    ("s3:PutBucketEncryption", f"ServerSideEncryptionConfiguration.{_DEFAULT}.SSEAlgorithm", "aes", "none", "aes"),
    ("s3:CreateBucket", "Bucket", "Cci_Lite", "", "BucketName: 'Cci_Lite' does not match"),
    ("s3:PutBucketLifecycleConfiguration", "LifecycleConfiguration.Rules.0.Status", "On", "none of", "Status:"),
    ("iam:CreateRole", "RoleName", "a role", "RoleName: 'a role' does not match", "Role.RoleName: 'a role'"),
    ("lambda:CreateFunction", "Runtime", "python3.7x", "Runtime: 'python3.7x' is none of", "Function.Runtime:"),
    ("lambda:CreateFunction", "MemorySize", 64, "MemorySize: is 64, less than 128", "Function.MemorySize: 64"),
    ("lambda:CreateFunction", "FunctionName", _TOO_LONG, "has length 218", "FunctionName:"),
    ("lambda:CreateFunction", "Timeout", True, "Timeout: bool instead of integer", "Timeout: True is not"),
    ("lambda:PutFunctionEventInvokeConfig", "MaximumRetryAttempts", 3, "is 3, more than 2", "RetryAttempts: 3"),
    ("logs:PutRetentionPolicy", "retentionInDays", 31, "", "LogGroup.RetentionInDays: 31 is not one of"),
    ("sqs:CreateQueue", "Attributes.MessageRetentionPeriod", "5", "", "MessageRetentionPeriod: 5 is less than"),
    ("events:PutRule", "State", "ON", "State: 'ON' is none of", "Rule.State: 'ON'"),
    ("cloudwatch:PutMetricAlarm", "ExtendedStatistic", "p95", "", "'Statistic' should not be included"),
    ("cloudwatch:PutMetricAlarm", "ComparisonOperator", ">=", "ComparisonOperator: '>=' is none", "'>='"),
    ("ssm:PutParameter", "Type", "Text", "Type: 'Text' is none of", "Parameter.Type: 'Text'"),
    ("glue:CreateTable", "TableInput.Name", "", "TableInput.Name: has length 0", "Table.TableInput.Name:"),
    ("athena:CreateWorkGroup", "Name", "cci lite", "Name: 'cci lite' does not match", ""),
    ("athena:CreateWorkGroup", "Nmae", "cci-lite", "Nmae: no such member", ""),
]
_IDS = [f"{operation} {path} {value!s:.20}" for operation, path, value, _, _ in SPOILED]


@pytest.mark.parametrize(("operation", "path", "value", "model", "schema"), SPOILED, ids=_IDS)
def test_a_request_that_aws_would_refuse_is_caught(
    sent: tuple[World, list[Call]], operation: str, path: str, value: Any, model: str, schema: str
) -> None:
    world, calls = sent
    good = next(call for call in calls if call.name == operation)
    bad = replace(good, params=spoiled(good.params, path, value))
    said = ["; ".join(by_model(world, bad)), "; ".join(by_schema(bad))]
    assert model in said[0] and schema in said[1], said
    assert [bool(each) for each in said] == [bool(model), bool(schema)], said


def spoiled(params: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A request with another value at a dotted path."""
    whole = copy.deepcopy(dict(params))
    *above, last = path.split(".")
    place: Any = whole
    for each in above:
        place = place[int(each) if each.isdigit() else each]
    place[last] = value
    return whole
