"""Phase 3 with the installed command: too early, in place, changed by hand, over files that are no result.

The tests of this file build on each other.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from tests.e2e.conftest import Product

RESULTS = "cci-lite-results-111122223333-eu-central-1-an"
PLANS_QUERY = 'SELECT tenant_id, summary, sentiment_label FROM "cci-lite-db"."results" ORDER BY 1 DESC LIMIT 10'
NO_RESULT = "no result exists yet; this step brings the first, from a real recording"


def piped(product: Product) -> list[str]:
    """--step for each step of phase 2 but the sample call, and what only a person can finish."""
    steps = product("plan", "--phase", "2", "--json").json["steps"]
    wanted = [each["id"] for each in steps if each["id"] not in ("sample-call", "alarm-email", "errors-alarm")]
    return [word for each in wanted for word in ("--step", each)]


def test_before_the_first_result_it_is_refused_and_says_how_to_get_one(product: Product) -> None:
    assert product("provision", "--phase", "1").code == 0
    assert product("provision", *piped(product)).code == 0
    ran = product("provision", "--phase", "3")
    assert ran.code == 4 and "Nothing was changed" in ran.err
    told = " ".join(ran.out.split())
    assert f"needs `sample-call`, not in place ({NO_RESULT}); first run:" in told
    assert "cci-lite --sandbox provision --phase 2" in told
    assert product.client("glue").get_databases()["DatabaseList"] == []


def test_a_query_is_refused_as_long_as_there_is_no_workgroup(product: Product) -> None:
    ran = product("query", PLANS_QUERY)
    assert ran.code == 4 and "step `query-workgroup` is not in place" in ran.err
    assert "cci-lite --sandbox provision --phase 3" in ran.err


def test_after_the_sample_call_the_plans_query_has_a_row(product: Product) -> None:
    assert product("provision", "--step", "sample-call").code == 0
    assert product("provision", "--phase", "3").code == 0
    ran = product("validate", "--phase", "3", "--json")
    checks = {each["id"]: each for each in ran.json["checks"]}
    assert ran.code == 0 and {each["status"] for each in checks.values()} == {"passed"}
    assert checks["query-workgroup.rows"]["evidence"].startswith(f"{PLANS_QUERY}: 1 rows, ")
    assert "no result" not in checks["query-workgroup.rows"]["evidence"]


def test_a_workgroup_that_was_changed_by_hand_is_named_and_repaired(product: Product) -> None:
    updates = {"EnforceWorkGroupConfiguration": False, "BytesScannedCutoffPerQuery": 10_000_000}
    product.client("athena").update_work_group(WorkGroup="cci-lite", ConfigurationUpdates=updates)
    ran = product("plan", "--phase", "3", "--check", "--json")
    (differing,) = [each for each in ran.json["steps"] if each["action"] != "keep"]
    assert (ran.code, differing["id"]) == (3, "query-workgroup")
    assert {each["path"] for each in differing["changes"]} == {"enforced", "scan_limit_bytes"}
    assert product("provision", "--phase", "3").code == 0
    assert product("plan", "--phase", "3", "--check").code == 0


def test_files_that_are_no_result_end_no_query_and_are_named(product: Product) -> None:
    s3, day = product.client("s3"), f"demo-tenant/{datetime.now(UTC):%Y/%m/%d}"
    broken = [f"{day}/{name}" for name in ("cut.json", "prose.json")]
    s3.put_object(Bucket=RESULTS, Key=broken[0], Body=b'{"call_id":')
    s3.put_object(Bucket=RESULTS, Key=broken[1], Body=b"this is no JSON\n")
    told = product("query", "SELECT count(*), count(call_id) FROM results", "--json").json
    assert told["rows"] == [[3, 1]]
    ran = product("validate", "--step", "query-workgroup", "--json")
    (named,) = [each for each in ran.json["checks"] if each["id"] == "query-workgroup.rows"]
    paths = ", ".join(f"s3://{RESULTS}/{key}" for key in broken)
    assert ran.code == 0 and named["status"] == "passed"
    assert named["evidence"].endswith(f"; 2 lines that are no result are rows of nulls: {paths}")
    assert json.loads(s3.get_object(Bucket=RESULTS, Key=result(product))["Body"].read())["call_id"]


def result(product: Product) -> str:
    """The key of the one good result."""
    listed = product.client("s3").list_objects_v2(Bucket=RESULTS, Prefix="demo-tenant/2")["Contents"]
    return next(each["Key"] for each in listed if "sample" in each["Key"])
