"""Phase 3 with the installed command: too early, in place, changed by hand, over files that are no result.

The tests of this file build on each other.
"""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path

from tests.e2e.conftest import ROOT, Product

SAMPLE = Path(str(files("cci_lite.sample") / "call.wav"))
RESULTS = "cci-lite-results-111122223333-eu-central-1-an"
PLANS_QUERY = 'SELECT tenant_id, summary, sentiment_label FROM "cci-lite-db"."results" ORDER BY 1 DESC LIMIT 10'
COUNT = "SELECT count(*), count(call_id) FROM results"
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
    assert checks["query-workgroup.documents"]["evidence"].startswith("table documents: 1 results, ")


def test_a_table_can_be_described(product: Product) -> None:
    ran = product("query", "DESCRIBE results")
    assert ran.code == 0 and [line.split() for line in ran.out.splitlines()[:1]] == [
        ["col_name", "data_type", "comment"]
    ]
    assert ["dt", "string"] in [line.split() for line in ran.out.splitlines()]


def test_a_workgroup_that_was_changed_by_hand_is_named_and_repaired(product: Product) -> None:
    updates = {"EnforceWorkGroupConfiguration": False, "BytesScannedCutoffPerQuery": 10_000_000}
    product.client("athena").update_work_group(WorkGroup="cci-lite", ConfigurationUpdates=updates)
    ran = product("plan", "--phase", "3", "--check", "--json")
    (differing,) = [each for each in ran.json["steps"] if each["action"] != "keep"]
    assert (ran.code, differing["id"]) == (3, "query-workgroup")
    assert {each["path"] for each in differing["changes"]} == {"enforced", "scan_limit_bytes"}
    assert product("provision", "--phase", "3").code == 0
    assert product("plan", "--phase", "3", "--check").code == 0


def test_files_that_are_no_json_end_queries_and_are_named_until_they_go(product: Product) -> None:
    s3, day = product.client("s3"), f"demo-tenant/{datetime.now(UTC):%Y/%m/%d}"
    broken = [f"{day}/{name}" for name in ("cut.json", "prose.json")]
    s3.put_object(Bucket=RESULTS, Key=broken[0], Body=b'{"schema_version": "cci-lite-v1.1", "call_id":')
    s3.put_object(Bucket=RESULTS, Key=broken[1], Body=b"this is no JSON\n")
    ran = product("query", COUNT)
    assert ran.code == 1 and "Athena: HIVE_CURSOR_ERROR: Row is not a valid JSON Object" in ran.err
    assert "`cci-lite --sandbox validate --phase 3` names files that are no result" in " ".join(ran.err.split())
    ran = product("validate", "--step", "query-workgroup", "--json")
    checks = {each["id"]: each for each in ran.json["checks"]}
    paths = ", ".join(f"s3://{RESULTS}/{key}" for key in broken)
    assert (ran.code, checks["query-workgroup.rows"]["status"]) == (5, "failed")
    documents = checks["query-workgroup.documents"]
    assert documents["status"] == "passed"
    assert documents["evidence"].startswith(f"table documents: 1 results and 2 lines that are none ({paths}), ")
    for key in broken:
        s3.delete_object(Bucket=RESULTS, Key=key)
    assert product("query", COUNT, "--json").json["rows"] == [[1, 1]]


def test_json_of_something_else_is_a_row_of_nulls_and_named(product: Product) -> None:
    key = f"demo-tenant/{datetime.now(UTC):%Y/%m/%d}/other.json"
    product.client("s3").put_object(Bucket=RESULTS, Key=key, Body=b"{}\n")
    assert product("query", COUNT, "--json").json["rows"] == [[2, 1]]
    ran = product("validate", "--step", "query-workgroup", "--json")
    assert ran.code == 0 and f"1 results and 1 lines that are none (s3://{RESULTS}/{key})" in ran.out


def test_a_limit_keeps_the_newest_calls_of_a_day_and_the_page_names_the_day(product: Product, tmp_path: Path) -> None:
    s3, today = product.client("s3"), datetime.now(UTC)
    listed = s3.list_objects_v2(Bucket=RESULTS, Prefix="demo-tenant/2")["Contents"]
    sample = next(each["Key"] for each in listed if "sample" in each["Key"])
    result = json.loads(s3.get_object(Bucket=RESULTS, Key=sample)["Body"].read())
    for name, clock in (("a", "00:00:00"), ("z", "23:59:59")):
        body = json.dumps({**result, "call_id": name, "call_started_at": f"{today:%Y-%m-%d}T{clock}Z"})
        s3.put_object(Bucket=RESULTS, Key=f"demo-tenant/{today:%Y/%m/%d}/{name}.json", Body=f"{body}\n".encode())
    page = tmp_path / "page.html"
    told = product("dashboard", "--out", str(page), "--limit", "1", "--json").json
    assert (told["calls"], told["incomplete_day"]) == (1, f"{today:%Y-%m-%d}")
    packed = page.read_text(encoding="utf-8").partition('id="call-data">')[2].partition("<")[0]
    assert [each["call_id"] for each in json.loads(gzip.decompress(base64.b64decode(packed)))["calls"]] == ["z"]


def test_a_tenant_that_comes_once_phase_3_is_in_place_is_one_run_away(product: Product, tmp_path: Path) -> None:
    """Its tables, rules and registry name the tenants: what AWS answers of them has to be fit to be written again."""
    product("provision")
    product("sandbox", "confirm", sandbox=False)
    assert product("provision").code == 0
    book = ["--runbook", str(runbook_with_another_tenant(tmp_path))]
    ran = product(*book, "provision", "--json")
    assert ran.code == 0, ran.err
    changed = {each["step"]: each["result"] for each in ran.lines if each.get("result") not in (None, "kept")}
    named = {"tenants-parameters", "input-folders", "on-new-call", "results-table", "documents-table"}
    assert set(changed.values()) == {"updated"} and named <= changed.keys()
    ran = product(*book, "provision", "--json")
    assert (ran.code, [each["event"] for each in ran.lines]) == (0, ["summary"])
    ran = product(*book, "call", "submit", str(SAMPLE), "--tenant", "second-tenant", "--wait", "--json")
    assert (ran.code, ran.json.get("tenant_id")) == (0, "second-tenant"), ran.err
    counted = "SELECT tenant, count(*) FROM results WHERE tenant = 'second-tenant' GROUP BY 1"
    assert product("query", counted, "--json").json["rows"] == [["second-tenant", 1]]
    assert product(*book, "validate").code == 0


def runbook_with_another_tenant(folder: Path) -> Path:
    text, last = (ROOT / "runbook.yaml").read_text(encoding="utf-8"), "    agent_channel: 0\n"
    assert text.count(last) == 1
    another = "  second-tenant:\n    retention_days_input: 1\n    retention_days_results: 7\n"
    path = folder / "runbook.yaml"
    path.write_text(text.replace(last, f"{last}{another}"), encoding="utf-8")
    return path
