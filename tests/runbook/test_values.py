"""Values of the shipped runbook that AWS would refuse, or that would fail every call, are refused when it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from cci_lite.runbook import RunbookError, load
from cci_lite.steps import REGISTRY
from tests.world import ROOT

SHIPPED = (ROOT / "runbook.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "instead", "must"),
    [
        ("name: cci-lite-input-", "name: CCI-Lite-Input-", "have 3 to 63 small letters, digits, dots and hyphens"),
        ("name: cci-lite-input-", "name: cci_lite_input-", "have 3 to 63 small letters, digits, dots and hyphens"),
        ("name: cci-lite-input-", f"name: {'x' * 40}-", "have 3 to 63 small letters, digits, dots and hyphens"),
        ("runtime: python3.13", "runtime: python2.7", "be one of `python3.12`, `python3.13` or `python3.14`"),
        ("runtime: python3.13", "runtime: nodejs20.x", "be one of `python3.12`, `python3.13` or `python3.14`"),
        ('folders: ["{tenant}/calls/"]', 'folders: ["{tennant}/calls/"]', "hold no braces but {tenant}"),
        ('folders: ["{tenant}/calls/"]', 'folders: ["{tenant}/calls"]', "end with /"),
        ("- eu.anthropic.claude-haiku-5-5", "- anthropic.claude-haiku-5-5", "be an inference profile"),
        ("prefixes: {tmp/: 1", "prefixes: {tmp: 1", "end with /"),
        ("agent_channel: 0", "language: english", "be auto, or a language of Transcribe such as en-GB"),
        ("agent_channel: 0", "language_options: [auto, en-GB]", "be a language of Transcribe such as en-GB"),
        ("email: alarms@example.com", "email: alarms", "be an e-mail address"),
        ("memory: 1024", "memory: 64", "be 128 or more"),
    ],
)
def test_it_says_where_and_what_it_must_be(tmp_path: Path, written: str, instead: str, must: str) -> None:
    assert written in SHIPPED
    path = tmp_path / "runbook.yaml"
    path.write_text(SHIPPED.replace(written, instead, 1), encoding="utf-8")
    line = next(i for i, text in enumerate(path.read_text().splitlines(), 1) if instead in text)
    with pytest.raises(RunbookError) as refused:
        load(path, REGISTRY)
    (problem,) = refused.value.problems
    assert problem.line == line and must in problem.reason


def test_a_tenant_is_not_promised_more_days_than_the_bucket_keeps(tmp_path: Path) -> None:
    path = tmp_path / "runbook.yaml"
    path.write_text(SHIPPED.replace("retention_days_results: 30", "retention_days_results: 60"), encoding="utf-8")
    with pytest.raises(
        RunbookError, match="is 60, but step `results-lifecycle` deletes all after 30 days; raise `days`"
    ):
        load(path, REGISTRY)


def test_a_tenant_that_parameter_store_would_not_take_is_refused(tmp_path: Path) -> None:
    questions = ", ".join(f"{{id: q{n}, question: {'x' * 200}, points: 1}}" for n in range(20))
    path = tmp_path / "runbook.yaml"
    path.write_text(SHIPPED.replace("agent_channel: 0", f"qa_rubric: [{questions}]"), encoding="utf-8")
    with pytest.raises(RunbookError, match="characters in Parameter Store, which takes 4,096; shorten its `qa_rubric`"):
        load(path, REGISTRY)


def test_of_two_steps_with_one_id_nothing_else_is_said(tmp_path: Path) -> None:
    path = tmp_path / "runbook.yaml"
    path.write_text(SHIPPED.replace("- id: results-bucket", "- id: input-bucket"), encoding="utf-8")
    with pytest.raises(RunbookError) as refused:
        load(path, REGISTRY)
    assert [each.reason[:36] for each in refused.value.problems] == ["the step id `input-bucket` is taken,"]
