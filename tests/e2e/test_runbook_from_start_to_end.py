"""One account's life, command by command, each a process of its own. The tests of this file build on each other."""

from __future__ import annotations

import json
import re
import shutil
import signal
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.e2e.conftest import ROOT, Product, left
from tests.ran import awaited

SAMPLE = Path(str(files("cci_lite.sample") / "call.wav"))
KEY = "alias/cci-lite-master-key"
INPUT = "cci-lite-input-111122223333-eu-central-1-an"
RESULTS = "cci-lite-results-111122223333-eu-central-1-an"
ALICE = {
    "owner": "alice",
    "host": "example.org",
    "pid": 77,
    "run": "r",
    "command": "provision",
    "taken": "2026-01-01T00:00:00+00:00",
    "expires": "2026-01-01T00:05:00+00:00",
}
CONFIRM = "cci-lite sandbox confirm"
PLANS_QUERY = 'SELECT tenant_id, summary, sentiment_label FROM "cci-lite-db"."results" ORDER BY 1 DESC LIMIT 10'


def words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def test_phase_2_is_refused_before_phase_1(product: Product) -> None:
    ran = product("provision", "--phase", "2")
    assert ran.code == 4
    assert "first run: cci-lite --sandbox provision --phase 1" in ran.out
    assert "Nothing was changed" in ran.err


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
    ran = product("validate", "--phase", "1", "--json")
    assert ran.code == 0, ran.err
    checks = {each["id"]: each for each in ran.json["checks"]}
    assert {each["status"] for each in checks.values()} == {"passed"}
    refused = "answered 403 AccessDenied"
    assert checks["input-encrypted.no-header"]["evidence"] == f"PUT without encryption headers: {refused}"
    stored = "stored as aws:kms arn:aws:kms:eu-central-1:111122223333:key/"
    assert stored in checks["input-right-key.right-key"]["evidence"]
    assert checks["input-tls.plain-http"]["evidence"] == f"signed request without TLS: {refused}"


def test_validate_is_about_what_was_begun_and_names_the_rest(product: Product) -> None:
    ran = product("validate", "--json")
    assert ran.code == 0, ran.err
    statuses = {(each["phase"], each["status"]) for each in ran.json["checks"]}
    assert statuses == {(1, "passed"), (2, "skipped"), (3, "skipped")}
    assert "Phase 2 is not begun" in product("validate").out
    assert product("validate", "--phase", "1-2").code == 5


def test_phase_2_ends_where_only_a_person_can_go_on(product: Product) -> None:
    ran = product("provision", "--phase", "2")
    assert ran.code == 4, ran.err
    assert "? alarm-email: open the mail from AWS" in ran.err
    assert f"next: {CONFIRM}" in ran.err
    hint = f"{CONFIRM}; then run `cci-lite provision`"
    assert hint in [each["hint"] for each in product("validate", "--step", "alarm-email", "--json").json["checks"]]
    confirmed = product("sandbox", "confirm", "--json", sandbox=False).json["confirmed"]
    assert [each["email"] for each in confirmed] == ["alarms@example.com"]
    assert product("provision", "--phase", "1-2").code == 0


def test_a_second_provision_writes_nothing(product: Product) -> None:
    ran = product("provision", "--json", "--phase", "1-2")
    assert ran.code == 0
    assert [each["event"] for each in ran.lines] == ["summary"]
    assert product("status", "--check").code == 3  # Phase 3 is not there yet


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


def test_phase_3_shows_the_calls_as_rows(product: Product) -> None:
    ran = product("provision", "--phase", "3", "--json")
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
    ran = product("query", "SELECT '=1+1' AS cell, count(*) AS calls FROM results", "--csv")
    assert ran.out == "cell,calls\n'=1+1,2\n"


def test_all_calls_on_a_page(product: Product, tmp_path: Path) -> None:
    """A file that is no result lies among the results: it is named, and the others are on the page."""
    s3, broken = product.client("s3"), f"demo-tenant/{datetime.now(UTC):%Y/%m/%d}/broken.json"
    s3.put_object(Bucket=RESULTS, Key=broken, Body=b'{"call_id":')
    page = tmp_path / "calls.html"
    told = product("dashboard", "--out", str(page), "--json").json
    assert (told["calls"], told["more"], told["malformed"]) == (2, False, [f"s3://{RESULTS}/{broken}"])
    assert page.stat().st_size < 6_000_000
    ran = product("dashboard", "--tenant", "demo-tenant", "--to", "2026-01-02")
    assert ran.code == 4 and "no results of tenant demo-tenant from the first day to 2026-01-02 yet" in ran.err
    s3.delete_object(Bucket=RESULTS, Key=broken)


def test_a_query_that_fails_says_why(product: Product) -> None:
    ran = product("query", "SELECT nonsense FROM results")
    assert (ran.code, ran.out) == (1, "")
    assert "Athena: COLUMN_NOT_FOUND: line 1:8: Column 'nonsense' cannot be resolved" in ran.err


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


@pytest.mark.parametrize(("name", "content"), [("noise.wav", b"this is no audio at all"), ("empty.wav", b"")])
def test_what_is_no_audio_ends_with_a_recorded_reason(
    product: Product, tmp_path: Path, name: str, content: bytes
) -> None:
    recording = tmp_path / name
    recording.write_bytes(content)
    ran = product("call", "submit", str(recording), "--tenant", "demo-tenant", "--wait", "--json")
    assert ran.code == 1
    assert ran.json["schema_version"] == "cci-lite-failure-v1" and ran.json["reason"]


def test_unregistered_tenants_and_markers_buy_nothing(product: Product) -> None:
    s3 = product.client("s3")
    key = product.client("kms").describe_key(KeyId=KEY)["KeyMetadata"]["Arn"]
    sse = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    before = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/folder/", **sse)
    logs = product.client("logs")
    awaited("marker in the function's log", lambda: lines_about(logs, kind="marker"))
    s3.put_object(Bucket=INPUT, Key="stranger/calls/a.wav", Body=SAMPLE.read_bytes(), **sse)
    product.client("lambda").invoke(
        FunctionName="cci-lite-processor",
        Payload=json.dumps(
            {
                "Records": [
                    {
                        "eventSource": "aws:s3",
                        "s3": {
                            "bucket": {"name": INPUT},
                            "object": {"key": "stranger/calls/a.wav", "eTag": "e", "size": 9},
                        },
                    }
                ]
            }
        ),
    )
    found = s3.list_objects_v2(Bucket=RESULTS, Prefix="_failed/")["Contents"]
    assert len(found) == 1
    after = product.client("transcribe").list_transcription_jobs()["TranscriptionJobSummaries"]
    assert len(after) == len(before)
    s3.delete_object(Bucket=INPUT, Key="stranger/calls/a.wav")


def lines_about(logs: Any, **told: str) -> list[str]:
    """What the function has logged with these members."""
    events = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/cci-lite-processor")
    lines = [each["message"] for page in events for each in page["events"]]
    return [each for each in lines if each.startswith("{") and told.items() <= json.loads(each).items()]


def test_a_second_operator_is_told_who_works(product: Product) -> None:
    product.client("ssm").put_parameter(Name="/cci-lite/lease", Value=json.dumps(ALICE), Type="String")
    refused = product("validate", "--phase", "1")
    assert refused.code == 6
    assert "alice on example.org (process 77) runs `cci-lite provision`" in refused.err
    assert "its lease is expired" in refused.err and "cci-lite --sandbox unlock" in refused.err
    unlocked = product("unlock", "--yes")
    assert unlocked.code == 0 and "alice on example.org" in unlocked.out
    assert product("unlock", "--yes").out.startswith("No run holds this account")


def test_a_run_that_was_killed_leaves_a_lease_that_is_explained_and_removed(product: Product) -> None:
    ssm, run = product.client("ssm"), product.start("validate", "--phase", "1")
    awaited("lease", lambda: lease(ssm), run)
    run.kill()
    run.communicate()
    assert lease(ssm), "the run ended before it could be killed"
    refused = product("validate", "--phase", "1")
    assert refused.code == 6 and f"(process {run.pid}, which is gone)" in refused.err
    assert product("unlock", "--yes").code == 0
    assert not lease(ssm)


def lease(ssm: Any) -> bool:
    """Whether somebody holds the account."""
    return bool(ssm.get_parameters(Names=["/cci-lite/lease"])["Parameters"])


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
    assert product("sandbox", "confirm", sandbox=False).out.startswith("Confirmed: alarms@example.com gets what topic ")
    ran = product("provision")
    assert ran.code == 0, ran.err
    assert product("sandbox", "confirm", sandbox=False).out == "No subscription waits for a confirmation.\n"
    result = product("call", "result", "cci-lite-sample.wav", "--tenant", "demo-tenant", "--json").json
    assert result["summary"] and result["job_name"] not in [each["TranscriptionJobName"] for each in listed]
    ran = product("teardown", "--yes", *DATA)
    assert ran.code == 0, ran.err
    assert left(product) == {"workgroups": ["primary"]}
