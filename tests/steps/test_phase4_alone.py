"""Phase 4 on a QuickSight of its own for each test: who pays, who sees what, what fails, what belongs to others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cci_lite.engine.diff import created, diff
from cci_lite.engine.model import Action, Known, Status
from cci_lite.engine.plan import Decision
from cci_lite.steps.kind import Tenant
from cci_lite.steps.quicksight_region import told_region
from tests.moments import Moment
from tests.steps.phase4 import ARN, GROUPS, STEPS, dashboards, earlier, group, rules_query, thing
from tests.world import ACCOUNT, World, reasons

RESULTS, RULES = "dataset/cci-lite-results", "dataset/cci-lite-row-rules"
TENANT = Tenant(retention_days_input=1, retention_days_results=30)


@dataclass(frozen=True)
class Stage:
    """One account: with all that phase 4 stands on, the role included, and with phase 4 in place as well."""

    world: World
    ready: Moment
    shown: Moment


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with dashboards() as world:
        earlier(world)
        ready = world.moment()
        assert reasons(world.provision(*STEPS)) == {}
        yield Stage(world, ready, world.moment())


@pytest.fixture
def ready(stage: Stage) -> World:
    """QuickSight is one that nobody has used yet; `anew` makes it another one."""
    return stage.world.back_to(stage.ready)


@pytest.fixture
def shown(stage: Stage) -> World:
    """The dashboard and all that it needs in place."""
    return stage.world.back_to(stage.shown)


def anew(world: World, **changes: Any) -> World:
    """The same account with a QuickSight of which these fields are others."""
    for name, value in changes.items():
        setattr(world.rules.quicksight, name, value)
    return world


def decisions(world: World) -> dict[str, Decision]:
    return {each.step.meta.id: each for each in world.plan(*STEPS).decisions}


def quicksight_writes(world: World) -> list[str]:
    return [each.removeprefix("quicksight:") for each in world.rules.writes() if each.startswith("quicksight:")]


def test_without_a_subscription_a_person_is_told_where_to_click_and_nothing_of_quicksight_is_made(ready: World) -> None:
    world = anew(ready, edition="")
    plan = world.plan(*STEPS)
    found = {each.step.meta.id: each for each in plan.decisions}
    assert found["quicksight"].action is Action.OPERATOR
    assert "bills for each user" in found["quicksight"].reason
    clicks = found["quicksight"].step.traits.clicks
    assert clicks is not None and clicks.link == "https://eu-central-1.quicksight.aws.amazon.com/sn/start"
    assert "Enterprise edition, region eu-central-1" in clicks.steps[0]
    assert found["calls-dashboard"].reason.startswith("waits for `quicksight`")
    outcomes = world.provision(found=plan)
    assert quicksight_writes(world) == []
    assert outcomes["quicksight-role"].result == "kept"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"edition": "STANDARD"}, "the account has the STANDARD edition; restricting rows needs ENTERPRISE"),
        ({"state": "ACCOUNT_CREATION_IN_PROGRESS"}, "QuickSight still sets the account up"),
        ({"groups": {"cci-lite-owners"}}, "these groups are missing in QuickSight: cci-lite-demo-tenant"),
    ],
)
def test_an_account_that_is_not_ready_waits_for_a_person(ready: World, changes: dict[str, Any], reason: str) -> None:
    world = anew(ready, **changes)
    found = decisions(world)["quicksight"]
    assert found.action is Action.OPERATOR and found.reason.startswith(reason)


def test_an_account_that_unsubscribed_counts_as_none(ready: World) -> None:
    world = anew(ready, state="UNSUBSCRIBED")
    assert decisions(world)["quicksight"].observed is None


def test_groups_are_looked_up_where_they_live_and_data_stays_in_the_runbooks_region(ready: World) -> None:
    world = anew(ready, region="us-east-1")
    assert reasons(world.provision(*STEPS)) == {}
    found = world.graph["quicksight"].observe(world.plan().known)
    assert found is not None and found.facts["identity_region"] == "us-east-1"
    owners = f"arn:aws:quicksight:us-east-1:{ACCOUNT}:group/default/cci-lite-owners"
    assert json.loads(found.facts["owners"]) == [owners]
    assert owners in world.rules.quicksight.grants[f"{ARN}:{RESULTS}"]


@pytest.mark.parametrize(
    ("code", "message", "region"),
    [
        ("AccessDeniedException", "from endpoint a, but your identity region is us-east-1. Please", "us-east-1"),
        ("AccessDeniedException", "your identity region is us-gov-west-1. Please", "us-gov-west-1"),
        ("AccessDeniedException", "User is not authorized to perform: quicksight:ListGroups", None),
        ("ThrottlingException", "your identity region is us-east-1. Please", None),
    ],
)
def test_the_identity_region_is_read_from_the_refusal_that_names_it(
    code: str, message: str, region: str | None
) -> None:
    error = ClientError({"Error": {"Code": code, "Message": message}}, "ListGroups")
    assert told_region(error) == region


def test_each_group_sees_its_tenant_and_the_owners_see_all(shown: World) -> None:
    assert rules_query(shown) == (
        "SELECT group_name, tenant_id FROM (VALUES ('cci-lite-owners', CAST(NULL AS varchar)), "
        "('cci-lite-demo-tenant', 'demo-tenant')) AS rules (group_name, tenant_id)"
    )
    assert thing(shown, RULES)["ImportMode"] == "DIRECT_QUERY"
    restricted = thing(shown, RESULTS)["RowLevelPermissionDataSet"]
    assert restricted["PermissionPolicy"] == "GRANT_ACCESS" and restricted["Arn"] == f"{ARN}:{RULES}"
    grants = shown.rules.quicksight.grants[f"{ARN}:dashboard/cci-lite-calls"]
    assert grants[group("cci-lite-demo-tenant")] == {
        "quicksight:DescribeDashboard",
        "quicksight:ListDashboardVersions",
        "quicksight:QueryDashboard",
    }
    assert "quicksight:UpdateDashboard" in grants[group("cci-lite-owners")]


def test_a_dashboard_of_ninety_tenants_is_granted_in_as_many_requests_as_it_takes(shown: World) -> None:
    tenants = dict.fromkeys([f"tenant-{number:02}" for number in range(90)], TENANT)
    world = anew(shown, groups={*GROUPS, *(f"cci-lite-{each}" for each in tenants)})
    known = all_of(world)
    have = world.graph["calls-dashboard"].observe(known)
    assert have is not None
    world.graph["calls-dashboard"].remove(have, known)
    many = world.with_runbook(tenants=tenants)
    assert written(many, all_of(many)) == ["CreateDashboard", "UpdateDashboardPermissions"]
    # one more reader; ninety fewer, in two requests
    assert written(world, known) == ["UpdateDashboardPermissions"] * 3


def written(world: World, known: Known) -> list[str]:
    """The writes that bring the dashboard to what this runbook wants, which is then so."""
    dashboard = world.graph["calls-dashboard"]
    want, have = dashboard.desired(known), dashboard.observe(known)
    world.rules.forget()
    dashboard.apply(want, have, diff(have.spec, want) if have else created(want))
    seen = dashboard.observe(known)
    assert seen is not None and not diff(seen.spec, want)
    return quicksight_writes(world)


def test_a_role_that_iam_does_not_show_yet_is_tried_again(ready: World) -> None:
    world = anew(ready, denied=3)
    assert reasons(world.provision(*STEPS)) == {}
    assert quicksight_writes(world).count("UpdateDataSource") == 3
    assert thing(world, "datasource/cci-lite-athena")["Status"] == "UPDATE_SUCCESSFUL"


def test_a_connection_that_keeps_failing_is_told_in_awss_words_and_what_needs_it_is_left(ready: World) -> None:
    world = anew(ready, denied=1000)
    outcomes = world.provision(*STEPS)
    assert outcomes["athena-source"].result == "failed"
    assert outcomes["athena-source"].reason == "cci-lite-athena: ACCESS_DENIED: Access denied by IAM"
    assert outcomes["results-data-set"].result == "skipped"
    assert f"{ARN}:{RESULTS}" not in world.rules.quicksight.things


def test_visuals_that_quicksight_cannot_make_are_told_in_awss_words(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cci_lite.steps.quicksight_definition.DAY", "call_id")
    outcomes = ready.provision(*STEPS)
    assert outcomes["calls-dashboard"].result == "failed"
    assert outcomes["calls-dashboard"].reason.startswith("cci-lite-calls: COLUMN_TYPE_MISMATCH: call_id is STRING")


def test_rows_that_were_dropped_fail_the_validation(ready: World) -> None:
    world = anew(ready, dropped=1)
    outcome = world.provision(*STEPS)["first-ingestion"]
    failed = {each.id: each.evidence for each in outcome.checks if each.status is Status.FAILED}
    assert failed == {"first-ingestion.rows": "0 rows ingested", "first-ingestion.dropped": "1 rows dropped"}


def test_an_ingestion_that_failed_is_followed_by_one_more_and_no_other(shown: World) -> None:
    (first,) = shown.rules.quicksight.ingestions["cci-lite-results"]
    first["IngestionStatus"] = "FAILED"
    assert reasons(shown.provision(*STEPS)) == {}
    assert quicksight_writes(shown) == ["CreateIngestion"]
    states = [each["IngestionStatus"] for each in shown.rules.quicksight.ingestions["cci-lite-results"]]
    assert states == ["FAILED", "COMPLETED"]


@pytest.mark.parametrize("looks", [1, 5])
def test_the_ingestion_that_quicksight_starts_itself_is_waited_for_and_no_second_is_asked_for(
    ready: World, looks: int
) -> None:
    world = anew(ready, looks=looks)
    assert reasons(world.provision(*STEPS)) == {}
    assert "CreateIngestion" not in quicksight_writes(world)


def test_new_visuals_are_published_only_once_quicksight_has_made_them(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = anew(ready, looks=4)
    assert reasons(world.provision(*STEPS)) == {}
    monkeypatch.setattr("cci_lite.steps.quicksight_definition._MOST_BARS", 10)
    world.rules.forget()
    assert reasons(world.provision(*STEPS)) == {}
    assert [each for each in quicksight_writes(world) if "Dashboard" in each] == [
        "UpdateDashboard",
        "UpdateDashboardPublishedVersion",
    ]
    versions = world.rules.quicksight.versions[f"{ARN}:dashboard/cci-lite-calls"]
    assert [each.get("Published") for each in versions] == [False, True]


def test_an_analysis_that_somebody_deleted_is_restored_and_brought_up_to_date(shown: World) -> None:
    shown.cloud.client("quicksight").delete_analysis(AwsAccountId=ACCOUNT, AnalysisId="cci-lite-calls")
    shown.rules.forget()
    assert reasons(shown.provision(*STEPS)) == {}
    assert quicksight_writes(shown)[:1] == ["RestoreAnalysis"]
    assert decisions(shown)["calls-analysis"].action is Action.KEEP


def test_what_others_added_to_the_data_set_survives_a_repair(shown: World) -> None:
    found = thing(shown, RESULTS)
    folders = {"costs": {"description": "theirs", "columns": ["cost_usd"]}}
    theirs = {"TagColumnOperation": {"ColumnName": "language", "Tags": [{"ColumnGeographicRole": "COUNTRY"}]}}
    tag_rules = {"Status": "ENABLED", "TagRules": [{"TagKey": "tenant", "ColumnName": "tenant_id"}]}
    found["FieldFolders"], found["RowLevelPermissionTagConfiguration"] = folders, tag_rules
    found["LogicalTableMap"]["results"]["DataTransforms"] = [theirs]
    assert reasons(shown.provision(*STEPS)) == {}
    found = thing(shown, RESULTS)
    assert found["FieldFolders"] == folders and found["RowLevelPermissionTagConfiguration"] == tag_rules
    kinds = [next(iter(each)) for each in found["LogicalTableMap"]["results"]["DataTransforms"]]
    assert kinds == ["CastColumnTypeOperation", "TagColumnOperation"]


def test_grants_to_other_people_stay(shown: World) -> None:
    grants = shown.rules.quicksight.grants[f"{ARN}:dashboard/cci-lite-calls"]
    grants[group("theirs")] = {"quicksight:DescribeDashboard"}
    grants.pop(group("cci-lite-demo-tenant"))
    assert reasons(shown.provision(*STEPS)) == {}
    assert grants[group("theirs")] == {"quicksight:DescribeDashboard"}
    assert group("cci-lite-demo-tenant") in grants


def test_a_data_source_that_somebody_else_made_is_not_changed(ready: World) -> None:
    parameters = {"AthenaParameters": {"WorkGroup": "primary"}}
    q = ready.rules.quicksight
    q.things[f"{ARN}:datasource/cci-lite-athena"] = {"DataSourceParameters": parameters, "Status": "X_SUCCESSFUL"}
    q.tags[f"{ARN}:datasource/cci-lite-athena"], q.grants[f"{ARN}:datasource/cci-lite-athena"] = {}, {}
    (blocked,) = [each for each in ready.plan(*STEPS).halted if each.step.meta.id == "athena-source"]
    assert "adopt: true" in blocked.reason


def test_a_create_whose_answer_was_lost_is_no_failure_when_it_is_sent_again(shown: World) -> None:
    steps, known = ("athena-source", "row-rules", "results-data-set", "daily-refresh", "calls-analysis"), all_of(shown)
    for step in steps:
        want = shown.graph[step].desired(known)
        shown.graph[step].apply(want, None, created(want))
    assert {step: str(each.action) for step, each in decisions(shown).items() if step in steps} == dict.fromkeys(
        steps, "keep"
    )


def all_of(world: World) -> Known:
    return world.plan(*STEPS).known


@pytest.mark.parametrize("path", ["datasource/cci-lite-athena", "analysis/cci-lite-calls", "dashboard/cci-lite-calls"])
def test_what_quicksight_still_works_on_is_waited_for_before_it_is_changed(shown: World, path: str) -> None:
    shown.rules.quicksight.working[f"{ARN}:{path}"] = 6
    found = shown.plan(*STEPS)
    assert [each.step.meta.id for each in found.pending] != []
    assert reasons(shown.provision(found=found)) == {}
