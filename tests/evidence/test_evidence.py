"""What is written down of a run, and what never is."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cci_lite.engine.events import StepDoing, StepFinished
from cci_lite.engine.model import Check, Status
from cci_lite.evidence.folder import new_run, state_folder
from cci_lite.evidence.journal import Journal
from cci_lite.evidence.redact import redacted, scrubbed
from cci_lite.evidence.report import Line, Report, write

_NOW = datetime(2027, 1, 15, 8, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    kept = Journal(tmp_path / "journal.jsonl", lambda: _NOW, lambda: "store")
    yield kept
    kept.close()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(each) for each in (path / "journal.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_intent_is_on_disk_before_the_write_is_sent(tmp_path: Path, journal: Journal) -> None:
    journal.before("s3", "PutBucketTagging", {"Bucket": "b"}, read=False)
    assert lines(tmp_path) == [
        {
            "time": "2027-01-15T08:00:00.000+00:00",
            "intent": "s3:PutBucketTagging",
            "step": "store",
            "params": {"Bucket": "b"},
        }
    ]


def test_a_write_waits_for_the_disk_and_nobody_else_does(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = []

    def slow(file: int) -> None:
        with ThreadPoolExecutor() as others:
            others.submit(journal.before, "s3", "HeadBucket", {}, read=True).result(timeout=60)
        synced.append((journal.reads, [each["intent"] for each in lines(tmp_path)]))

    monkeypatch.setattr(os, "fsync", slow)
    journal.before("s3", "PutBucketTagging", {}, read=False)
    assert synced == [(1, ["s3:PutBucketTagging"])]


def test_the_outcome_names_the_refusal_and_the_request(tmp_path: Path, journal: Journal) -> None:
    journal.after("s3", "PutBucketTagging", read=False, error="AccessDenied", request_id="0001-REQ")
    (line,) = lines(tmp_path)
    assert (line["outcome"], line["error"], line["request_id"]) == ("s3:PutBucketTagging", "AccessDenied", "0001-REQ")


def test_reads_are_counted_and_not_written_down(tmp_path: Path, journal: Journal) -> None:
    journal.before("s3", "HeadBucket", {}, read=True)
    journal.after("s3", "HeadBucket", read=True, error="", request_id="x")
    assert (journal.reads, journal.writes, lines(tmp_path)) == (1, 0, [])


def test_how_steps_end_is_kept_and_what_they_do_meanwhile_is_not(tmp_path: Path, journal: Journal) -> None:
    journal.event(StepDoing("store", "s3:PutObject"))
    journal.event(StepFinished("store", "created", checks=(Check("store.x", Status.PASSED, "seen"),)))
    (line,) = lines(tmp_path)
    assert (line["result"], line["checks"]) == (
        "created",
        [{"id": "store.x", "status": "passed", "evidence": "seen"}],
    )


def test_a_closed_journal_refuses_instead_of_staying_silent(tmp_path: Path, journal: Journal) -> None:
    journal.close()
    with pytest.raises(ValueError, match="closed"):
        journal.before("s3", "PutObject", {}, read=False)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"Body": b"12345"}, {"Body": "(5 bytes)"}),
        ({"Code": {"ZipFile": b"12"}}, {"Code": {"ZipFile": "(2 bytes)"}}),
        ({"Token": "abc"}, {"Token": "(3 bytes)"}),
        ({"messages": [{"content": "hello"}]}, {"messages": "(content)"}),
        ({"Policy": '{"Version": 1}'}, {"Policy": '{"Version": 1}'}),
        ("https://b.s3/x?X-Amz-Signature=0f", "(presigned URL)"),
        ("x" * 2001, "x" * 2000 + "... (2001 characters)"),
        (frozenset({"a"}), ["a"]),
        (3, 3),
    ],
)
def test_content_and_what_gives_access_never_reach_the_journal(given: object, kept: object) -> None:
    assert redacted(given) == kept


@pytest.mark.parametrize("kind", ["AK", "AS"])
def test_a_crash_log_shows_no_key_id_and_no_signature(kind: str) -> None:
    key_id = f"{kind}IA{'PLANTED1' * 2}"
    text = f"for {key_id} at https://b.s3/x?X-Amz-Credential={key_id}%2F1&X-Amz-Signature=0f&y=1"
    assert scrubbed(text) == "for (redacted) at https://b.s3/x?(redacted)&(redacted)&y=1"


def test_runs_of_the_same_second_have_different_names() -> None:
    first, second = new_run(_NOW), new_run(_NOW)
    assert first.startswith("20270115T080000Z-")
    assert first != second


def test_evidence_lies_where_the_operator_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCI_LITE_HOME", "/somewhere")
    assert state_folder() == Path("/somewhere")
    monkeypatch.delenv("CCI_LITE_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert state_folder() == Path("/state/cci-lite")


def test_a_report_says_who_did_what_and_what_was_proved(tmp_path: Path) -> None:
    check = Check("store.size", Status.FAILED, "a | b\nc", "look at it")
    report = Report(
        run="RUN",
        command="validate",
        account="111122223333",
        region="eu-central-1",
        caller="arn:aws:iam::111122223333:user/ops",
        began="2027-01-15T08:00:00+00:00",
        ended="2027-01-15T08:00:02+00:00",
        exit_code=5,
        lines=[Line("store", "The store", "invalid", "", (check,))],
        calls={"reads": 2, "writes": 1},
    )
    text = write(report, tmp_path).read_text(encoding="utf-8")
    assert "by arn:aws:iam::111122223333:user/ops." in text
    assert "2 reads and 1 writes were sent to AWS. Exit code 5." in text
    assert "| store.size | failed | a \\| b c |" in text
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["schema"] == "cci-lite/report/1"
