"""What every step of phase 4 promises, on the runbook with the phase switched on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.validate import ParamValidator

from cci_lite.engine.model import Status
from cci_lite.engine.validate import validate
from cci_lite.steps.quicksight_definition import definition
from tests.moments import Moment
from tests.policy.linter import findings
from tests.steps.phase4 import ARN, RUNBOOK, STEPS, dashboards, group, thing
from tests.steps.repairs import apart, comes_back, named_and_repaired
from tests.steps.test_drift_fields import general, paths
from tests.world import World

#: Steps that only look.
LOOKING = {"quicksight", "first-ingestion"}
ROLE = "cci-lite-quicksight-role"
OWNERS, READERS = group("cci-lite-owners"), group("cci-lite-demo-tenant")


@pytest.fixture(scope="module")
def _whole() -> Iterator[tuple[World, Moment]]:
    with dashboards() as world:
        yield world.stand(), world.moment()


@pytest.fixture
def shown(_whole: tuple[World, Moment]) -> World:
    """Phase 4 provisioned."""
    world, whole = _whole
    return world.back_to(whole)


def test_a_second_provision_writes_nothing(shown: World) -> None:
    assert {each.result for each in shown.provision().values()} == {"kept"}
    assert shown.rules.writes() == []


def test_every_check_passes(shown: World) -> None:
    plan = shown.plan(*STEPS)
    checks = {c.id: c for v in validate(plan, shown.hands()) for c in v.checks}
    assert [each for each in checks.values() if each.status is not Status.PASSED] == []
    assert checks["first-ingestion.rows"].evidence == "1 rows ingested"
    assert checks["first-ingestion.dropped"].evidence == "0 rows dropped"
    assert checks["calls-dashboard.published"].evidence == "cci-lite-calls version 1: CREATION_SUCCESSFUL"
    assert {each.split(".")[0] for each in checks} == set(STEPS)


#: Of the role and what it may do, which IAM and KMS keep, removals say that there is nothing.
ONCE = {"quicksight-role", "quicksight-policy", "quicksight-key-user"}


@pytest.mark.parametrize("steps", apart(RUNBOOK, {*STEPS} - LOOKING - ONCE), ids=", ".join)
def test_what_was_deleted_behind_our_back_comes_back(shown: World, steps: tuple[str, ...]) -> None:
    comes_back(shown, *steps)


@pytest.mark.parametrize("steps", apart(RUNBOOK, ONCE), ids=", ".join)
def test_a_role_that_was_deleted_behind_our_back_comes_back(shown: World, steps: tuple[str, ...]) -> None:
    comes_back(shown, *steps, again=False)


def tagged(path: str) -> Callable[[World], object]:
    return lambda w: w.rules.quicksight.tags[f"{ARN}:{path}"].update(Owner="somebody")


def ungranted(path: str, principal: str) -> Callable[[World], object]:
    return lambda w: w.rules.quicksight.grants[f"{ARN}:{path}"].pop(principal)


def table(world: World, path: str) -> dict[str, Any]:
    (physical,) = thing(world, path)["PhysicalTableMap"].values()
    return dict(physical).popitem()[1]  # type: ignore[no-any-return]


def athena(world: World) -> dict[str, Any]:
    return thing(world, SOURCE)["DataSourceParameters"]["AthenaParameters"]  # type: ignore[no-any-return]


def transforms(world: World) -> list[Any]:
    return thing(world, RESULTS)["LogicalTableMap"]["results"]["DataTransforms"]  # type: ignore[no-any-return]


def untrusted(world: World) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}'
    iam = world.rules.look("iam")
    iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=f'{text}, "Action": "sts:AssumeRole"}}]}}')


def too_much(world: World) -> None:
    text = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    world.rules.look("iam").put_role_policy(RoleName=ROLE, PolicyName="cci-lite-quicksight", PolicyDocument=text)


def schedule(world: World) -> dict[str, Any]:
    return world.rules.quicksight.schedules["cci-lite-results", "cci-lite-daily"]


def by_hand(world: World) -> None:
    """Somebody publishes a version of their own."""
    versions = world.rules.quicksight.versions[f"{ARN}:{DASHBOARD}"]
    versions.append({**versions[-1], "VersionNumber": len(versions) + 1, "Description": ""})
    for each in versions:
        each["Published"] = each is versions[-1]


def failed(world: World) -> None:
    for each in world.rules.quicksight.versions[f"{ARN}:{DASHBOARD}"]:
        each["Status"] = "UPDATE_FAILED"


SOURCE, RULES, RESULTS = "datasource/cci-lite-athena", "dataset/cci-lite-row-rules", "dataset/cci-lite-results"
ANALYSIS, DASHBOARD = "analysis/cci-lite-calls", "dashboard/cci-lite-calls"
DRIFT: list[tuple[str, str, Callable[[World], object]]] = [
    ("quicksight-role", "trust", untrusted),
    ("quicksight-policy", "document", too_much),
    ("athena-source", "workgroup", lambda w: athena(w).update(WorkGroup="primary")),
    ("athena-source", "role", lambda w: athena(w).pop("RoleArn")),
    ("athena-source", "working", lambda w: thing(w, SOURCE).update(Status="UPDATE_FAILED")),
    ("athena-source", f"grants.{OWNERS}", ungranted(SOURCE, OWNERS)),
    ("athena-source", "tags.Owner", tagged(SOURCE)),
    ("row-rules", "source", lambda w: table(w, RULES).update(DataSourceArn=f"{ARN}:datasource/other")),
    ("row-rules", "query", lambda w: table(w, RULES).update(SqlQuery="SELECT 1")),
    ("row-rules", f"grants.{OWNERS}", ungranted(RULES, OWNERS)),
    ("row-rules", "tags.Owner", tagged(RULES)),
    ("results-data-set", "mode", lambda w: thing(w, RESULTS).update(ImportMode="DIRECT_QUERY")),
    ("results-data-set", "source", lambda w: table(w, RESULTS).update(DataSourceArn=f"{ARN}:datasource/other")),
    ("results-data-set", "table", lambda w: table(w, RESULTS).update(Name="other")),
    ("results-data-set", "columns.tenant", lambda w: table(w, RESULTS)["InputColumns"].pop(-2)),
    ("results-data-set", "dates.dt", lambda w: transforms(w).pop()),
    ("results-data-set", "rules", lambda w: thing(w, RESULTS).pop("RowLevelPermissionDataSet")),
    ("results-data-set", f"grants.{OWNERS}", ungranted(RESULTS, OWNERS)),
    ("results-data-set", "tags.Owner", tagged(RESULTS)),
    ("daily-refresh", "interval", lambda w: schedule(w)["ScheduleFrequency"].update(Interval="MONTHLY")),
    ("daily-refresh", "at", lambda w: schedule(w)["ScheduleFrequency"].update(TimeOfTheDay="23:00")),
    ("daily-refresh", "timezone", lambda w: schedule(w)["ScheduleFrequency"].update(Timezone="Asia/Tokyo")),
    ("daily-refresh", "type", lambda w: schedule(w).update(RefreshType="INCREMENTAL_REFRESH")),
    (
        "calls-analysis",
        "definition",
        lambda w: w.rules.quicksight.tags[f"{ARN}:{ANALYSIS}"].update({"cci-lite:definition": "older"}),
    ),
    ("calls-analysis", "working", lambda w: thing(w, ANALYSIS).update(Status="UPDATE_FAILED")),
    ("calls-analysis", f"grants.{OWNERS}", ungranted(ANALYSIS, OWNERS)),
    ("calls-analysis", "tags.Owner", tagged(ANALYSIS)),
    ("calls-dashboard", "definition", by_hand),
    ("calls-dashboard", "working", failed),
    ("calls-dashboard", f"grants.{READERS}", ungranted(DASHBOARD, READERS)),
    (
        "calls-dashboard",
        f"grants.{READERS}",
        lambda w: w.rules.quicksight.grants[f"{ARN}:{DASHBOARD}"][READERS].add("quicksight:DeleteDashboard"),
    ),
    ("calls-dashboard", "tags.Owner", tagged(DASHBOARD)),
]


def test_what_was_changed_by_hand_is_named_and_repaired(shown: World) -> None:
    named_and_repaired(shown, DRIFT)


def test_every_field_of_every_spec_is_spoiled_or_has_a_reason_why_not(shown: World) -> None:
    plan = shown.plan(*STEPS)
    specs = {each.step.meta.id: each.step.desired(plan.known) for each in plan.decisions}
    ours = {step: spec for step, spec in specs.items() if type(spec).__name__.startswith("Quicksight")}
    spoiled = {(type(specs[step]).__name__, general(specs[step], path)[1:]) for step, path, _ in DRIFT}
    assert {(type(spec).__name__, path) for spec in ours.values() for path in paths(spec)} - spoiled == {
        ("QuicksightSubscriptionSpec", "enterprise"),  # decided by who pays for it (test_phase4_alone)
        ("QuicksightIngestionSpec", "completed"),  # decided by QuickSight (test_phase4_alone)
    }


def test_the_definition_passes_botocores_own_validation(shown: World) -> None:
    model = shown.cloud.client("quicksight").meta.service_model
    written = definition(f"{ARN}:{RESULTS}")
    for shape in ("AnalysisDefinition", "DashboardVersionDefinition"):
        report = ParamValidator().validate(written, model.shape_for(shape))
        assert not report.has_errors(), report.generate_report()
    written["Sheets"][0]["Visuals"][0]["LineChartVisual"]["VisualID"] = "typing mistake"
    assert ParamValidator().validate(written, model.shape_for("AnalysisDefinition")).has_errors()


def test_the_sheet_without_phrases_says_where_they_are_shown() -> None:
    (topics,) = [each for each in definition(f"{ARN}:{RESULTS}")["Sheets"] if each["Name"] == "Topics"]
    assert topics["Description"].endswith("cci-lite dashboard shows top phrases and entities.")


def test_the_roles_policy_is_least_privilege_by_an_independent_linter(shown: World) -> None:
    found = shown.rules.look("iam").get_role_policy(RoleName=ROLE, PolicyName="cci-lite-quicksight")["PolicyDocument"]
    assert findings(found) == set()
    resources = {each["Sid"]: each["Resource"] for each in found["Statement"] if "Resource" in each}
    assert [sid for sid, names in resources.items() if "*" in names and names in ("*", ["*"])] == ["Anywhere"]
