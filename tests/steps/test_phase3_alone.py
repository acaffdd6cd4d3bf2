"""The catalog in accounts of their own: tenants that come, phases that wait, things that belong to others."""

from __future__ import annotations

from cci_lite.steps.kind import Tenant
from tests.aws_rules.weather import Fault
from tests.steps.test_phase3 import DATABASE, rewrite, table
from tests.world import World, reasons

PHASE_3 = ("catalog", "results-table", "documents-table", "query-workgroup")
ACME = Tenant(retention_days_input=1, retention_days_results=30)


def test_a_tenant_more_changes_the_projection_and_nothing_else(provisioned: World) -> None:
    rewrite(provisioned, lambda found: found["Parameters"].update({"has_encrypted_data": "true"}))
    before = table(provisioned)
    more = provisioned.with_runbook(tenants={**provisioned.runbook.tenants, "acme": ACME})
    assert reasons(more.provision()) == {}
    assert [each for each in more.rules.writes() if each.startswith("glue:")] == ["glue:UpdateTable"] * 2
    after = table(more)
    assert after["Parameters"].pop("projection.tenant.values") == "acme,demo-tenant"
    assert before["Parameters"].pop("projection.tenant.values") == "demo-tenant"
    assert after["Parameters"] == before["Parameters"] and "has_encrypted_data" in after["Parameters"]
    assert after["CreateTime"] == before["CreateTime"]


def test_phase_3_waits_for_the_first_result_and_says_how_to_get_one(empty: World) -> None:
    before = [each.meta.id for each in empty.runbook.entries if each.meta.phase < 3]
    piped = [each for each in before if each not in ("sample-call", "errors-alarm")]
    empty.stand(*piped).rules.forget()
    reason = empty.provision(*PHASE_3)["catalog"].reason
    assert reason == (
        "needs `sample-call`, not in place (no result exists yet; this step brings the first, from a real recording); "
        "first run: cci-lite provision --phase 2"
    )
    assert empty.rules.writes() == []


def test_a_database_that_somebody_else_made_is_not_changed(empty: World) -> None:
    empty.rules.look("glue").create_database(DatabaseInput={"Name": DATABASE})
    (blocked,) = empty.plan("catalog").halted
    assert "adopt: true" in blocked.reason


def test_a_database_with_tables_of_others_survives_a_teardown(provisioned: World) -> None:
    foreign = {"Name": "theirs", "StorageDescriptor": {"Columns": [{"Name": "a", "Type": "string"}]}}
    provisioned.rules.look("glue").create_table(DatabaseName=DATABASE, TableInput=foreign)
    outcomes = provisioned.teardown(*PHASE_3)
    assert {name: outcomes[name].result for name in PHASE_3} == {
        "catalog": "released",
        "results-table": "removed",
        "documents-table": "removed",
        "query-workgroup": "removed",
    }
    assert "theirs" in outcomes["catalog"].reason
    names = [each["Name"] for each in provisioned.rules.look("glue").get_tables(DatabaseName=DATABASE)["TableList"]]
    assert names == ["theirs"]


CLOSED = {"DataLakeAdmins": [], "CreateDatabaseDefaultPermissions": [], "CreateTableDefaultPermissions": []}
OPERATOR = "arn:aws:iam::123456789012:user/operator"


def under_lake_formation(world: World, *admins: str) -> None:
    """Somebody has taken the catalog out of IAM's hands."""
    named = [{"DataLakePrincipalIdentifier": each} for each in admins]
    world.rules.look("lakeformation").put_data_lake_settings(DataLakeSettings={**CLOSED, "DataLakeAdmins": named})


def test_a_catalog_under_lake_formation_blocks_before_anything_is_written(empty: World) -> None:
    under_lake_formation(empty, "arn:aws:iam::123456789012:role/lake")
    (blocked,) = [each for each in empty.plan().halted if each.step.meta.id == "catalog"]
    assert blocked.reason == (
        f"Lake Formation decides in this account who may use the catalog, and {OPERATOR} is "
        "none of its administrators (arn:aws:iam::123456789012:role/lake); ask one for CREATE_DATABASE on the catalog, "
        "then write `granted: true` into step `catalog` of the runbook"
    )
    assert empty.provision()["catalog"].result == "blocked" and empty.rules.writes() == []


def test_an_administrator_of_lake_formation_and_whoever_was_granted_the_right_go_on(empty: World) -> None:
    under_lake_formation(empty)
    granted = empty.with_settings("catalog", granted=True)
    assert [each.step.meta.id for each in granted.plan().halted] == []
    under_lake_formation(empty, OPERATOR)
    assert [each.step.meta.id for each in empty.plan().halted] == []


def test_who_may_not_look_at_lake_formation_learns_it_from_glue(empty: World) -> None:
    denied = Fault("lakeformation", "GetDataLakeSettings", "AccessDeniedException", 400)
    empty.rules.weather.faults.append(denied)
    assert [each.step.meta.id for each in empty.plan().halted] == []


def test_a_database_that_is_there_is_not_asked_about(provisioned: World) -> None:
    provisioned.plan()
    assert [each.name for each in provisioned.rules.calls if each.service == "lakeformation"] == []
