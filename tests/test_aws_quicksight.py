"""The rules of tests/aws_rules/quicksight.py: what AWS refuses, and what it takes and then works on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.steps.phase4 import ARN, dashboards, group
from tests.world import ACCOUNT, World, reasons

RULES = {"Arn": f"{ARN}:dataset/cci-lite-row-rules", "PermissionPolicy": "GRANT_ACCESS"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with dashboards() as made:
        assert reasons(made.provision()) == {}
        yield made


def call(world: World, operation: str, **params: Any) -> dict[str, Any]:
    return dict(getattr(world.cloud.client("quicksight"), operation)(AwsAccountId=ACCOUNT, **params))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(ClientError) as error:
        work()
    return str(error.value.response["Error"]["Code"])


def data_set(world: World, **changes: Any) -> dict[str, Any]:
    """The parameters of our data set, changed."""
    found = call(world, "describe_data_set", DataSetId="cci-lite-results")["DataSet"]
    kept = ("DataSetId", "Name", "ImportMode", "PhysicalTableMap", "LogicalTableMap", "RowLevelPermissionDataSet")
    return {**{name: found[name] for name in kept}, **changes}


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({**RULES, "PermissionPolicy": "DENY_ACCESS"}, "InvalidParameterValueException"),
        ({**RULES, "Arn": f"{ARN}:dataset/nowhere"}, "InvalidParameterValueException"),
        ({**RULES, "Arn": f"{ARN}:dataset/cci-lite-results"}, "InvalidParameterValueException"),
    ],
    ids=["deny", "no such rules", "a data set that is no rules"],
)
def test_row_level_security_needs_rules_first_and_grants_only(world: World, rules: dict[str, str], code: str) -> None:
    changed = data_set(world, RowLevelPermissionDataSet=rules)
    assert refused(lambda: call(world, "update_data_set", **changed)) == code


def test_what_is_there_is_not_made_again(world: World) -> None:
    again = data_set(world)
    assert refused(lambda: call(world, "create_data_set", **again)) == "ResourceExistsException"


def test_a_data_set_needs_a_source_that_is_there(world: World) -> None:
    changed = data_set(world, DataSetId="other")
    changed["PhysicalTableMap"]["results"]["RelationalTable"]["DataSourceArn"] = f"{ARN}:datasource/nowhere"
    assert refused(lambda: call(world, "create_data_set", **changed)) == "InvalidParameterValueException"


def test_grants_are_given_to_those_who_exist(world: World) -> None:
    nobody = [{"Principal": group("nobody"), "Actions": ["quicksight:DescribeDashboard"]}]
    which = {"DashboardId": "cci-lite-calls", "GrantPermissions": nobody}
    assert refused(lambda: call(world, "update_dashboard_permissions", **which)) == "InvalidParameterValueException"


@pytest.mark.parametrize(("noun", "most"), [("data_set", 64), ("dashboard", 100)])
def test_a_request_grants_and_revokes_so_many_permissions(world: World, noun: str, most: int) -> None:
    which = {f"{noun.title().replace('_', '')}Id": "cci-lite-results" if noun == "data_set" else "cci-lite-calls"}
    listed = [{"Principal": group("cci-lite-owners"), "Actions": ["quicksight:PassDataSet"]}] * (most + 1)
    for change in ("GrantPermissions", "RevokePermissions"):
        told = partial(call, world, f"update_{noun}_permissions", **which, **{change: listed})
        assert refused(told) == "InvalidParameterValueException"


def test_what_is_made_has_at_most_64_permissions(world: World) -> None:
    listed = [{"Principal": group("cci-lite-owners"), "Actions": ["quicksight:PassDataSet"]}] * 65
    made = data_set(world, DataSetId="other", Permissions=listed)
    assert refused(lambda: call(world, "create_data_set", **made)) == "InvalidParameterValueException"


def test_a_thing_is_in_progress_before_it_is_well_and_takes_no_other_change(world: World) -> None:
    athena = {"WorkGroup": "cci-lite", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/cci-lite-quicksight-role"}
    written = {"DataSourceId": "d", "Name": "d", "DataSourceParameters": {"AthenaParameters": athena}}
    call(world, "create_data_source", **written, Type="ATHENA")
    assert refused(lambda: call(world, "update_data_source", **written)) == "ConflictException"
    statuses = [call(world, "describe_data_source", DataSourceId="d")["DataSource"]["Status"] for _ in range(2)]
    assert statuses == ["CREATION_IN_PROGRESS", "CREATION_SUCCESSFUL"]


@pytest.mark.parametrize("role", ["cci-lite-lambda-role", "nobody"])
def test_a_connection_needs_a_role_that_trusts_quicksight(world: World, role: str) -> None:
    athena = {"WorkGroup": "cci-lite", "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/{role}"}
    written = {"DataSourceId": role, "Name": role, "DataSourceParameters": {"AthenaParameters": athena}}
    call(world, "create_data_source", **written, Type="ATHENA")
    found = [call(world, "describe_data_source", DataSourceId=role)["DataSource"] for _ in range(2)][-1]
    assert (found["Status"], found["ErrorInfo"]["Type"]) == ("CREATION_FAILED", "ACCESS_DENIED")


def test_32_refreshes_a_day_are_asked_for_by_hand(world: World) -> None:
    for number in range(32):
        call(world, "create_ingestion", DataSetId="cci-lite-results", IngestionId=f"i-{number}")
    which = {"DataSetId": "cci-lite-results", "IngestionId": "one-more"}
    assert refused(lambda: call(world, "create_ingestion", **which)) == "LimitExceededException"
    world.clock.sleep(86401)
    call(world, "create_ingestion", **which)
    assert refused(lambda: call(world, "create_ingestion", **which)) == "ResourceExistsException"


def test_nobody_has_signed_up_where_nothing_is_said(world: World) -> None:
    edition, world.rules.quicksight.edition = world.rules.quicksight.edition, ""
    assert refused(lambda: call(world, "describe_account_subscription")) == "ResourceNotFoundException"
    world.rules.quicksight.edition = edition


def test_groups_are_asked_for_in_their_own_region(world: World) -> None:
    world.rules.quicksight.region = "us-east-1"
    with pytest.raises(ClientError) as error:
        call(world, "list_groups", Namespace="default")
    assert error.value.response["Error"]["Message"] == (
        "Operation is being called from endpoint eu-central-1, but your identity region is us-east-1. "
        "Please use the us-east-1 endpoint."
    )
    world.rules.quicksight.region = "eu-central-1"


def test_a_deleted_analysis_is_kept_for_a_while_with_its_id(world: World) -> None:
    call(world, "delete_analysis", AnalysisId="cci-lite-calls")
    found = call(world, "describe_analysis", AnalysisId="cci-lite-calls")["Analysis"]
    assert found["Status"] == "DELETED"
    call(world, "restore_analysis", AnalysisId="cci-lite-calls")
