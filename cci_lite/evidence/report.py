"""The report of a run: what was done and what was proved, for people (Markdown) and programs (JSON)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cci_lite.engine.model import Check
from cci_lite.evidence.folder import for_its_owner
from cci_lite.evidence.redact import redacted

SCHEMA = "cci-lite/report/1"


@dataclass(frozen=True)
class Line:
    """How one step ended."""

    step: str
    title: str
    result: str
    reason: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Report:
    """One run. began, ended: UTC, ISO 8601; calls: reads and writes that were sent to AWS."""

    run: str
    command: str
    account: str
    region: str
    caller: str
    began: str
    ended: str
    exit_code: int
    lines: Sequence[Line]
    calls: Mapping[str, int]


def write(report: Report, folder: Path) -> Path:
    """Writes report.json and report.md into the run's folder; returns the Markdown's path."""
    for_its_owner(folder / "report.json", json.dumps(redacted(_data(report)), indent=2) + "\n")
    for_its_owner(folder / "report.md", _markdown(report))
    return folder / "report.md"


def _data(report: Report) -> dict[str, Any]:
    steps = [
        {
            "step": each.step,
            "result": each.result,
            "reason": each.reason,
            "checks": [{"id": c.id, "status": c.status, "evidence": c.evidence, "hint": c.hint} for c in each.checks],
        }
        for each in report.lines
    ]
    head = {key: value for key, value in vars(report).items() if key != "lines"}
    return {"schema": SCHEMA, **head, "steps": steps}


def _markdown(report: Report) -> str:
    when = f"{report.began} to {report.ended}"
    reads, writes = report.calls.get("reads", 0), report.calls.get("writes", 0)
    head = [
        f"# cci-lite {report.command}",
        "",
        f"Run {report.run}, {when}, account {report.account}, {report.region}, by {report.caller}.",
        f"{reads} reads and {writes} writes were sent to AWS. Exit code {report.exit_code}.",
        "",
        "| step | result | reason |",
        "| --- | --- | --- |",
    ]
    steps = [f"| {each.step} | {each.result} | {_cell(each.reason)} |" for each in report.lines]
    checks = [f"| {c.id} | {c.status} | {_cell(c.evidence)} |" for each in report.lines for c in each.checks]
    table = ["", "| check | status | evidence |", "| --- | --- | --- |", *checks] if checks else []
    return "\n".join([*head, *steps, *table, ""])


def _cell(text: str) -> str:
    return str(redacted(text)).replace("|", "\\|").replace("\n", " ")
