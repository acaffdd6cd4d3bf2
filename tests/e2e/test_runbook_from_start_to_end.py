"""One account's life, command by command, each a process of its own. The tests of this file build on each other."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import signal
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.conftest import RESULTS, ROOT, Product, documents, left, lines_about, runbook_with_another_tenant
from tests.ran import awaited

SAMPLE = Path(str(files("cci_lite.sample") / "call.wav"))
KEY = "alias/cci-lite-master-key"
INPUT = "cci-lite-input-111122223333-eu-central-1-an"
CONFIRM = "cci-lite sandbox confirm"
PLANS_QUERY = 'SELECT tenant_id, summary, sentiment_label FROM "cci-lite-db"."results" ORDER BY 1 DESC LIMIT 10'
COUNT = "SELECT count(*), count(call_id) FROM results"
NO_RESULT = "no result exists yet; this step brings the first, from a real recording"


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def test_the_plan_of_an_empty_account(product: Product) -> None:
    ran = product("plan", "--check", "--json")
    plan = ran.json
    assert (plan["schema"], plan["account"], plan["region"]) == ("cci-lite/plan/1", "111122223333", "eu-central-1")
    assert set(plan["steps"][0]) == {"id", "phase", "kind", "action", "changes", "reason"}
    assert (ran.code, plan["summary"]["create"]) == (3, len(plan["steps"]) - 1)


def test_phase_1(product: Product) -> None:
    ran = product("provision", "--phase", "1", "--json")
    assert ran.code == 0, ran.err
    assert ran.lines[0]["event"] == "run_started"
    assert ran.lines[-1]["event"] == "summary" and ran.lines[-1]["counts"] == {"created": 19, "kept": 1}


def test_phase_1_is_proved(product: Product) -> None:
    """What is not begun is named, and no failure."""
    ran = product("validate", "--json")
    assert ran.code == 0, ran.err
    checks = {each["id"]: each for each in ran.json["checks"]}
    statuses = {(each["phase"], each["status"]) for each in checks.values()}
    assert statuses == {(1, "passed"), (2, "skipped"), (3, "skipped")}
    refused = "answered 403 AccessDenied"
    assert checks["input-encrypted.no-header"]["evidence"] == f"PUT without encryption headers: {refused}"
    stored = "stored as aws:kms arn:aws:kms:eu-central-1:111122223333:key/"
    assert stored in checks["input-right-key.right-key"]["evidence"]
    assert checks["input-tls.plain-http"]["evidence"] == f"signed request without TLS: {refused}"


def test_phase_3_is_refused_before_the_first_result_and_says_how_to_get_one(product: Product) -> None:
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


def test_phase_2_ends_where_only_a_person_can_go_on(product: Product) -> None:
    ran = product("provision", "--phase", "2")
    assert ran.code == 4, ran.err
    assert "? alarm-email: open the mail from AWS" in ran.err
    assert f"next: {CONFIRM}" in ran.err
    assert product("status", "--check").code == 3  # the mail, and Phase 3


def test_a_call_becomes_a_result_with_the_words_that_were_said(product: Product, tmp_path: Path) -> None:
    recording = tmp_path / "Grüße + mehr (1).wav"
    shutil.copy(SAMPLE, recording)
    ran = product("call", "submit", str(recording), "--tenant", "demo-tenant", "--wait", "--json")
    assert ran.code == 0, ran.err
    result = ran.json
    schema = json.loads((ROOT / "docs" / "result-schema.json").read_text())
    jsonschema.validate(result, schema)
    said = words((files("cci_lite.sample") / "truth.txt").read_text())
    heard = words(" ".join(each["text"] for each in result["turns"]))
    right = sum(min(said.count(each), heard.count(each)) for each in set(said)) / len(said)
    assert right >= 0.85
    assert {each["speaker"] for each in result["turns"]} == {"agent", "customer"}
    assert result["summary"] and result["sentiment_label"]


def test_once_the_person_has_confirmed_phase_3_shows_the_calls_as_rows(product: Product) -> None:
    confirmed = product("sandbox", "confirm", "--json", sandbox=False).json["confirmed"]
    assert [each["email"] for each in confirmed] == ["alarms@example.com"]
    ran = product("provision", "--json")
    assert ran.code == 0, ran.err
    counts = ran.lines[-1]["counts"]
    assert counts["created"] == 4 and counts["kept"] > 20  # what Phase 3 rests on was proved again
    ran = product("query", PLANS_QUERY)
    assert ran.code == 0, ran.err
    header, _, *rows = ran.out.splitlines()
    assert header.split() == ["tenant_id", "summary", "sentiment_label"]
    assert len(rows) == 2 and all(each.startswith("demo-tenant") for each in rows)
    assert "2 rows. " in ran.err and "bytes scanned, USD 0.0000" in ran.err


def test_rows_for_programs(product: Product) -> None:
    told = product("query", "SELECT call_id, speech, duration_s FROM results", "--json", "--limit", "1").json
    assert (told["schema"], told["more"], len(told["rows"])) == ("cci-lite/rows/1", True, 1)
    assert [each["type"] for each in told["columns"]] == ["varchar", "boolean", "double"]
    described = product("query", "DESCRIBE results", "--csv").out.splitlines()
    assert described[0] == "col_name,data_type,comment" and "dt,string," in described


def test_an_interrupted_query_is_stopped(product: Product) -> None:
    athena, endless = product.client("athena"), "SELECT count(*) FROM range(9000000) a, range(9000000) b"
    before = queries(athena)
    run = product.start("query", f"{endless} WHERE a.range < b.range")
    new = awaited("query of its own", lambda: queries(athena) - before, run)
    run.send_signal(signal.SIGINT)
    _, told = run.communicate()
    assert run.returncode == 130 and "the query was stopped" in told
    status = athena.get_query_execution(QueryExecutionId=new.pop())["QueryExecution"]["Status"]
    assert status["State"] == "CANCELLED"


def queries(athena: Any) -> set[str]:
    return set(athena.list_query_executions(WorkGroup="cci-lite")["QueryExecutionIds"])


def test_files_that_are_no_result_are_named_and_what_is_no_json_ends_queries(
    product: Product, lying: list[str]
) -> None:
    other, *broken = lying
    product.client("s3").put_object(Bucket=RESULTS, Key=other, Body=b"{}\n")
    assert product("query", COUNT, "--json").json["rows"] == [[3, 2]]
    for key, body in zip(
        broken, (b'{"schema_version": "cci-lite-v1.1", "call_id":', b"this is no JSON\n"), strict=True
    ):
        product.client("s3").put_object(Bucket=RESULTS, Key=key, Body=body)
    ran = product("query", COUNT)
    assert (ran.code, ran.out) == (1, "")
    assert "Athena: HIVE_CURSOR_ERROR: Row is not a valid JSON Object" in ran.err
    assert "`cci-lite --sandbox validate --phase 3` names files that are no result" in " ".join(ran.err.split())
    ran = product("validate", "--step", "query-workgroup", "--json")
    checks = {each["id"]: each for each in ran.json["checks"]}
    assert (ran.code, checks["query-workgroup.rows"]["status"]) == (5, "failed")
    documents = checks["query-workgroup.documents"]
    assert documents["status"] == "passed"
    paths = ", ".join(sorted(f"s3://{RESULTS}/{key}" for key in lying))
    assert documents["evidence"].startswith(f"table documents: 2 results and 3 lines that are none ({paths}), ")


@pytest.fixture(scope="module")
def lying() -> list[str]:
    """Where among the results files lie that are none: JSON of something else, and two that are no JSON."""
    return [f"demo-tenant/{datetime.now(UTC):%Y/%m/%d}/{name}.json" for name in ("other", "cut", "prose")]


def test_a_page_of_the_newest_calls_names_what_is_no_result_and_the_day_that_is_not_whole(
    product: Product, tmp_path: Path, lying: list[str]
) -> None:
    s3, day = product.client("s3"), datetime.now(UTC) - timedelta(days=2)
    (result,) = documents(product, "demo-tenant/2", "cci-lite-sample")
    for name, clock in (("a", "00:00:00"), ("z", "23:59:59")):
        body = json.dumps({**result, "call_id": name, "call_started_at": f"{day:%Y-%m-%d}T{clock}Z"})
        s3.put_object(Bucket=RESULTS, Key=f"demo-tenant/{day:%Y/%m/%d}/{name}.json", Body=f"{body}\n".encode())
    page = tmp_path / "calls.html"
    told = product("dashboard", "--out", str(page), "--limit", "6", "--json").json
    assert (told["calls"], told["more"], told["incomplete_day"]) == (3, True, f"{day:%Y-%m-%d}")
    assert sorted(told["malformed"]) == sorted(f"s3://{RESULTS}/{key}" for key in lying)
    assert page.stat().st_size < 6_000_000
    packed = page.read_text(encoding="utf-8").partition('id="call-data">')[2].partition("<")[0]
    shown = [each["call_id"] for each in json.loads(gzip.decompress(base64.b64decode(packed)))["calls"]]
    assert len(shown) == 3 and {result["call_id"], "z"} < set(shown)
    for key in lying[1:]:
        s3.delete_object(Bucket=RESULTS, Key=key)


def test_a_workgroup_that_was_changed_by_hand_is_named(product: Product) -> None:
    updates = {"EnforceWorkGroupConfiguration": False, "BytesScannedCutoffPerQuery": 10_000_000}
    product.client("athena").update_work_group(WorkGroup="cci-lite", ConfigurationUpdates=updates)
    ran = product("plan", "--phase", "3", "--check", "--json")
    (differing,) = [each for each in ran.json["steps"] if each["action"] != "keep"]
    assert (ran.code, differing["id"]) == (3, "query-workgroup")
    assert {each["path"] for each in differing["changes"]} == {"enforced", "scan_limit_bytes"}


def test_that_change_is_repaired_and_a_new_tenant_served_by_one_provision(
    product: Product, tmp_path: Path, lying: list[str]
) -> None:
    """Tables, rules and registry name the tenants: what AWS answers of them has to be fit to be written again."""
    book = ["--runbook", str(runbook_with_another_tenant(tmp_path))]
    ran = product(*book, "provision", "--json")
    assert ran.code == 0, ran.err
    changed = {each["step"]: each["result"] for each in ran.lines if each.get("result") not in (None, "kept")}
    named = {"tenants-parameters", "input-folders", "on-new-call", "results-table", "documents-table"}
    assert set(changed.values()) == {"updated"} and named | {"query-workgroup"} <= changed.keys()
    ran = product(*book, "provision", "--json")
    assert (ran.code, [each["event"] for each in ran.lines]) == (0, ["summary"])  # a second one writes nothing
    ran = product(*book, "call", "submit", str(SAMPLE), "--tenant", "second-tenant", "--wait", "--json")
    assert (ran.code, ran.json.get("tenant_id")) == (0, "second-tenant"), ran.err
    ran = product(*book, "validate", "--json")
    checks = {each["id"]: each for each in ran.json["checks"]}
    assert ran.code == 0 and {each["status"] for each in checks.values()} == {"passed"}
    assert checks["query-workgroup.rows"]["evidence"].startswith(f"{PLANS_QUERY}: 5 rows, ")  # with a value
    found = f"table documents: 5 results and 1 lines that are none (s3://{RESULTS}/{lying[0]}), "
    assert checks["query-workgroup.documents"]["evidence"].startswith(found)


def test_the_same_recording_buys_one_job(product: Product, tmp_path: Path) -> None:
    recording = tmp_path / "Grüße + mehr (1).wav"
    shutil.copy(SAMPLE, recording)
    before = len(product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"])
    ran = product("call", "submit", str(recording), "--tenant", "demo-tenant", "--wait")
    assert ran.code == 0 and "nothing is bought twice" in ran.err
    after = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    assert len(after) == before


def test_a_recording_that_was_deleted_and_is_submitted_again_is_heard_again(product: Product, tmp_path: Path) -> None:
    recording = tmp_path / "Grüße + mehr (1).wav"
    shutil.copy(SAMPLE, recording)
    before = product("call", "result", recording.name, "--tenant", "demo-tenant", "--json").json
    product.client("s3").delete_object(Bucket=INPUT, Key=before["source"]["key"])
    ran = product("call", "submit", str(recording), "--tenant", "demo-tenant", "--wait", "--json")
    assert ran.code == 0, ran.err
    assert (ran.json["call_id"], ran.json["turns"]) == (before["call_id"], before["turns"])
    assert ran.json["job_name"] != before["job_name"] and ran.json["source"]["etag"] != before["source"]["etag"]


def test_what_is_no_audio_ends_with_a_recorded_reason(product: Product, tmp_path: Path) -> None:
    s3, empty = product.client("s3"), tmp_path / "empty.wav"
    s3.put_object(
        Bucket=INPUT, Key="demo-tenant/calls/noise.wav", Body=b"this is no audio at all", **encrypted(product)
    )
    empty.write_bytes(b"")
    ran = product("call", "submit", str(empty), "--tenant", "demo-tenant", "--wait", "--json")
    assert ran.code == 1
    recorded = awaited("failure of each", lambda: both(documents(product, "demo-tenant/_failed/")))
    assert ran.json in recorded
    assert [each["schema_version"] for each in recorded] == ["cci-lite-failure-v1"] * 2
    assert all(each["reason"] for each in recorded)


def test_unregistered_tenants_and_markers_buy_nothing(product: Product) -> None:
    s3 = product.client("s3")
    sse = encrypted(product)
    before = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/folder/", **sse)
    logs = product.client("logs")
    awaited("marker in the function's log", lambda: lines_about(logs, kind="marker"))
    s3.put_object(Bucket=INPUT, Key="stranger/calls/a.wav", Body=SAMPLE.read_bytes(), **sse)
    told = {"bucket": {"name": INPUT}, "object": {"key": "stranger/calls/a.wav", "eTag": "e", "size": 9}}
    event = json.dumps({"Records": [{"eventSource": "aws:s3", "s3": told}]})
    product.client("lambda").invoke(FunctionName="cci-lite-processor", Payload=event)
    found = s3.list_objects_v2(Bucket=RESULTS, Prefix="_failed/")["Contents"]
    assert len(found) == 1
    after = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    assert len(after) == len(before)
    s3.delete_object(Bucket=INPUT, Key="stranger/calls/a.wav")


def both(found: list[Any]) -> list[Any]:
    return found if len(found) == 2 else []


def encrypted(product: Product) -> dict[str, str]:
    """The headers without which nothing is taken."""
    key = product.client("kms").describe_key(KeyId=KEY)["KeyMetadata"]["Arn"]
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}


#: The data that a teardown leaves unless it is told to take it.
DATA = [word for each in (INPUT, RESULTS, KEY) for word in ("--delete-data", each)]


def test_teardown_keeps_data_until_it_is_named(product: Product) -> None:
    ran = product("teardown", "--yes")
    assert ran.code == 0, ran.err
    assert {INPUT, RESULTS} <= set(left(product)["buckets"])
    ran = product("teardown", "--yes", *DATA)
    assert ran.code == 0, ran.err
    assert left(product) == {"workgroups": ["primary"]}


def test_what_was_taken_down_is_made_again_and_hears_the_sample_anew(product: Product) -> None:
    """A job that is taken for one of before would be done at once, and its words are gone."""
    listed = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    assert product("provision").code == 4
    (result,) = documents(product, "demo-tenant/2")
    assert result["summary"] and result["job_name"] not in [each["TranscriptionJobName"] for each in listed]
