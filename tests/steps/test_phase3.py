"""The catalog: what makes results queryable, and what of it belongs to others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.model import Known, Status
from cci_lite.payload.processor.result_schema import RESULT_SCHEMA
from cci_lite.steps import queries
from cci_lite.steps.kind import Tenant
from cci_lite.steps.result_columns import result_columns
from tests.world import World

DATABASE = "cci-lite-db"
RESULTS = "cci-lite-results-123456789012-eu-central-1-an"


def table(world: World, name: str = "results") -> dict[str, Any]:
    return dict(world.rules.look("glue").get_table(DatabaseName=DATABASE, Name=name)["Table"])


def rewrite(world: World, change: Callable[[dict[str, Any]], object], name: str = "results") -> None:
    """Somebody edits the table's definition by hand."""
    found = table(world, name)
    for name in ("DatabaseName", "CreateTime", "UpdateTime", "VersionId", "CatalogId"):
        found.pop(name, None)
    change(found)
    world.rules.look("glue").update_table(DatabaseName=DATABASE, TableInput=found)


def workgroup(world: World, **changes: Any) -> None:
    world.cloud.client("athena").update_work_group(WorkGroup="cci-lite", **changes)


def output(world: World, **changes: Any) -> None:
    workgroup(world, ConfigurationUpdates={"ResultConfigurationUpdates": changes})


def untyped(found: dict[str, Any]) -> None:
    found["StorageDescriptor"]["Columns"][0]["Type"] = "int"


def without_column(found: dict[str, Any]) -> None:
    found["StorageDescriptor"]["Columns"] = found["StorageDescriptor"]["Columns"][:-1]


def serde(found: dict[str, Any]) -> None:
    found["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"] = "org.openx.data.jsonserde.JsonSerDe"


ELSEWHERE = {"OutputLocation": f"s3://{RESULTS}/"}
PLAIN = {"EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
TAG = {"ResourceArn": f"arn:aws:glue:eu-central-1:123456789012:database/{DATABASE}", "TagsToAdd": {"Owner": "x"}}
DRIFT: list[tuple[str, str, Callable[[World], object]]] = [
    ("catalog", "tags.Owner", lambda w: w.rules.look("glue").tag_resource(**TAG)),
    ("results-table", "columns.schema_version", lambda w: rewrite(w, untyped)),
    ("results-table", "columns.cost_gbp", lambda w: rewrite(w, without_column)),
    ("results-table", "serde", lambda w: rewrite(w, serde)),
    ("results-table", "tenants", lambda w: rewrite(w, lambda t: t["Parameters"].pop("projection.tenant.values"))),
    (
        "results-table",
        "parameters.projection.enabled",
        lambda w: rewrite(w, lambda t: t["Parameters"].update({"projection.enabled": "false"})),
    ),
    ("query-workgroup", "output", lambda w: output(w, **ELSEWHERE)),
    ("query-workgroup", "encryption", lambda w: output(w, **PLAIN)),
    ("query-workgroup", "enabled", lambda w: workgroup(w, State="DISABLED")),
    (
        "query-workgroup",
        "enforced",
        lambda w: workgroup(w, ConfigurationUpdates={"EnforceWorkGroupConfiguration": False}),
    ),
    (
        "query-workgroup",
        "scan_limit_bytes",
        lambda w: workgroup(w, ConfigurationUpdates={"BytesScannedCutoffPerQuery": 10_000_000}),
    ),
]


def test_athena_looks_back_as_far_as_results_are_kept_and_two_days(provisioned: World) -> None:
    for name in ("results", "documents"):
        assert table(provisioned, name)["Parameters"]["projection.dt.range"] == "NOW-32DAYS,NOW"
    longer = Tenant(retention_days_input=1, retention_days_results=45)
    more = provisioned.with_runbook(tenants={**provisioned.runbook.tenants, "acme": longer})
    shorter = provisioned.with_settings("results-lifecycle", days=7)
    assert [days(each) for each in (more, shorter)] == ["NOW-47DAYS,NOW", "NOW-32DAYS,NOW"]


def days(world: World) -> str:
    return str(world.graph["results-table"].desired(Known()).parameters["projection.dt.range"])


def test_answers_to_queries_are_copies_that_go_before_any_tenants_results(provisioned: World) -> None:
    (rule,) = [each for each in provisioned.rules.lifecycles[RESULTS] if each["ID"] == "expire-athena-results"]
    assert (rule["Filter"]["And"]["Prefix"], rule["Expiration"]) == ("athena-results/", {"Days": 1})


def test_every_column_is_a_scalar_of_the_result_and_all_of_them_are_there() -> None:
    shapes, columns = RESULT_SCHEMA["properties"], result_columns()
    structures = {
        name for name, shape in shapes.items() if "anyOf" in shape or shape.get("type") in ("array", "object")
    }
    assert columns.keys() == shapes.keys() - structures
    assert {"tenant", "dt"}.isdisjoint(columns)
    assert {columns[each] for each in ("tenant_id", "sentiment_label", "processed_at")} == {"string"}
    assert (columns["qa_score"], columns["turns_count"], columns["speech"]) == ("double", "bigint", "boolean")


PASSED, FAILED = Status.PASSED, Status.FAILED


def test_rows_prove_the_catalog_and_two_queries_are_enough(provisioned: World) -> None:
    provisioned.rules.forget()
    rows, documents = checks(provisioned)
    assert (rows.status, documents.status) == (PASSED, PASSED)
    assert "LIMIT 10: 1 rows, " in rows.evidence and documents.evidence == "table documents: 1 results, 0 bytes scanned"
    assert provisioned.rules.writes() == ["athena:StartQueryExecution"] * 2


@pytest.mark.parametrize("content", [None, b"{}"], ids=["no file", "JSON of something else, which is a row of nulls"])
def test_without_a_value_in_any_row_nothing_is_proved(provisioned: World, content: bytes | None) -> None:
    s3 = provisioned.rules.look("s3")
    found = s3.list_objects_v2(Bucket=RESULTS, Prefix="demo-tenant/2")["Contents"]
    for key in [each["Key"] for each in found]:
        s3.delete_object(Bucket=RESULTS, Key=key)
        if content:
            s3.put_object(Bucket=RESULTS, Key=key, Body=content)
    rows, documents = checks(provisioned)
    assert rows.status is FAILED and "LIMIT 10: 0 rows" in rows.evidence
    assert documents.status is FAILED and documents.evidence.startswith("table documents: 0 results")


NO_RESULTS = [f"demo-tenant/2026/11/24/broken-{each}.json" for each in range(7)]


def checks_with(world: World, content: bytes, keys: list[str]) -> list[Any]:
    """What the workgroup proves while there are files that are no result."""
    s3 = world.rules.look("s3")
    for key in keys:
        s3.put_object(Bucket=RESULTS, Key=key, Body=content)
    return checks(world)


def test_a_line_that_is_no_json_ends_the_plans_query_and_its_file_is_named(provisioned: World) -> None:
    cut = b'{"schema_version": "cci-lite-v1.1", "call_id":'
    rows, documents = checks_with(provisioned, cut, NO_RESULTS[:1])
    assert (rows.status, rows.evidence) == (FAILED, "Athena: HIVE_CURSOR_ERROR: Row is not a valid JSON Object")
    assert "the check of documents names its file" in rows.hint
    named = f"s3://{RESULTS}/{NO_RESULTS[0]}"
    assert documents.status is PASSED
    assert documents.evidence == f"table documents: 1 results and 1 lines that are none ({named}), 0 bytes scanned"


def test_files_of_something_else_are_counted_and_the_first_are_named_and_fail_nothing(provisioned: World) -> None:
    rows, documents = checks_with(provisioned, b"{}", NO_RESULTS)
    assert (rows.status, documents.status) == (PASSED, PASSED)
    named = ", ".join(f"s3://{RESULTS}/{each}" for each in NO_RESULTS[:5])
    assert f"1 results and 7 lines that are none ({named})" in documents.evidence


def test_a_table_of_whole_results_that_shows_none_fails_the_validation(provisioned: World) -> None:
    rewrite(provisioned, lambda found: found["Parameters"].update({"projection.enabled": "false"}), "documents")
    rows, documents = checks(provisioned)
    assert (rows.status, documents.status) == (PASSED, FAILED)
    assert documents.evidence == "table documents: 0 results, 0 bytes scanned"


def checks(world: World) -> list[Any]:
    plan = world.plan("query-workgroup")
    (found,) = plan.decisions
    assert found.observed is not None
    return list(found.step.validate(found.observed, plan.known))


def test_a_query_that_is_left_is_stopped(provisioned: World) -> None:
    class Impatient:
        """Somebody interrupts at the first pause."""

        def __getattr__(self, name: str) -> Any:
            return getattr(clock, name)

        def sleep(self, seconds: float) -> None:
            raise Interrupted("interrupted while waiting")

    clock, cloud = provisioned.cloud.clock, provisioned.cloud
    provisioned.rules.forget()
    cloud.clock = Impatient()  # type: ignore[assignment]
    try:
        with pytest.raises(Interrupted), running(provisioned):
            queries.execute(cloud, "cci-lite", DATABASE, "SELECT 1")
    finally:
        cloud.clock = clock
    assert provisioned.rules.writes() == ["athena:StartQueryExecution", "athena:StopQueryExecution"]


def running(world: World) -> Any:
    """Queries that do not end by themselves."""
    from moto.moto_api import state_manager

    class Slow:
        def __enter__(self) -> None:
            state_manager.set_transition("athena::execution", {"progression": "manual", "times": 50})

        def __exit__(self, *_: object) -> None:
            state_manager.unset_transition("athena::execution")

    return Slow()


@pytest.mark.parametrize(("scanned", "usd"), [(0, 10), (1, 10), (10 * 1024**2 + 1, 11), (1024**4, 1024**2)])
def test_a_query_costs_5_dollars_a_terabyte_and_10_megabytes_at_least(scanned: int, usd: int) -> None:
    assert queries.Executed("q", scanned, 1, headed=True).cost_usd == pytest.approx(5 * usd / 1024**2)
