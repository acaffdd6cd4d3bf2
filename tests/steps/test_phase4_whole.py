"""Phase 4 in whole accounts: off as shipped, tenants that come and go, and what a teardown takes and leaves."""

from __future__ import annotations

from cci_lite.engine.model import Action
from cci_lite.steps.kind import Tenant
from tests.steps.phase4 import ARN, GROUPS, STEPS, dashboards, rules_query, thing
from tests.world import ACCOUNT, World, account, reasons

ACME = Tenant(retention_days_input=1, retention_days_results=30)
RESULTS, RULES = "dataset/cci-lite-results", "dataset/cci-lite-row-rules"


def test_the_shipped_runbook_has_the_phase_off_and_never_asks_quicksight_anything() -> None:
    with account() as world:
        assert [each.meta.id for each in world.runbook.off] == STEPS
        assert not set(STEPS) & set(world.graph.ids())
        world.plan()
        assert reasons(world.stand().provision()) == {}
        assert reasons(world.teardown(consent=["alias/cci-lite-master-key"])) == {}
        assert [each.name for each in world.rules.calls if each.service == "quicksight"] == []


def test_a_tenant_whose_readers_would_be_the_owners_is_refused() -> None:
    with dashboards() as world:
        more = world.with_runbook(tenants={**world.runbook.tenants, "owners": ACME})
        (blocked,) = more.plan("quicksight").halted
        assert "rename `readers`" in blocked.reason


def test_a_tenant_comes_and_leaves_with_its_rows_and_its_readers() -> None:
    with dashboards() as world:
        world.stand().rules.quicksight.groups.add("cci-lite-acme")
        more = world.with_runbook(tenants={**world.runbook.tenants, "acme": ACME})
        assert reasons(more.provision()) == {}
        assert "('cci-lite-acme', 'acme')" in rules_query(world)
        assert readers(world) == {*GROUPS, "cci-lite-acme"}
        assert reasons(world.provision()) == {}
        assert "acme" not in rules_query(world)
        assert thing(world, RESULTS)["RowLevelPermissionDataSet"]["Arn"] == f"{ARN}:{RULES}"
        assert readers(world) == GROUPS
        assert [each for each in world.plan(*STEPS).decisions if each.action is not Action.KEEP] == []


def readers(world: World) -> set[str]:
    """The groups that may look at the dashboard."""
    which = {"AwsAccountId": ACCOUNT, "DashboardId": "cci-lite-calls"}
    listed = world.cloud.client("quicksight").describe_dashboard_permissions(**which)["Permissions"]
    return {each["Principal"].rsplit("/", 1)[-1] for each in listed}


def test_a_teardown_leaves_the_subscription_the_groups_and_the_phases_before_and_all_can_be_made_again() -> None:
    with dashboards() as world:
        world.stand().rules.quicksight.things[f"{ARN}:dashboard/theirs"] = {}
        outcomes = world.teardown(*STEPS)
        assert outcomes["quicksight"].result == "absent"
        assert outcomes["first-ingestion"].result == "released"
        assert {outcomes[each].result for each in STEPS} == {"absent", "released", "removed"}
        q = world.rules.quicksight
        assert (list(q.things), q.schedules, q.ingestions) == ([f"{ARN}:dashboard/theirs"], {}, {})
        assert q.groups == {"cci-lite-owners", "cci-lite-demo-tenant"} and q.edition == "ENTERPRISE"
        left = [each.step.meta.id for each in world.plan().decisions if each.action is not Action.KEEP]
        assert left == [each for each in STEPS if each != "quicksight"]
        assert reasons(world.provision()) == {}
        assert [each for each in world.plan(*STEPS).decisions if each.action is not Action.KEEP] == []
