"""A rule invokes the function for events of a pattern or by a schedule, and never by both."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cci_lite.runbook import RunbookError, load
from cci_lite.steps import REGISTRY
from tests.steps.spoils import CATCH_UP, FUNCTION, RULE, arn
from tests.world import ROOT, World

SCHEDULE = "        schedule: rate(1 hour)\n"


def rule(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = world.rules.look("events").describe_rule(Name=name)
    return found


def test_the_function_is_invoked_every_hour_and_when_a_transcription_ends(provisioned: World) -> None:
    hourly, ended = rule(provisioned, CATCH_UP), rule(provisioned, RULE)
    assert hourly["ScheduleExpression"] == "rate(1 hour)" and not hourly.get("EventPattern")
    assert "aws.transcribe" in ended["EventPattern"] and not ended.get("ScheduleExpression")
    for name in (CATCH_UP, RULE):
        (target,) = provisioned.rules.look("events").list_targets_by_rule(Rule=name)["Targets"]
        assert target == {"Id": "cci-lite", "Arn": arn("lambda", f"function:{FUNCTION}")}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "step `catch-up`: give exactly one of `pattern` and `schedule`"),
        (SCHEDULE + "        pattern: {source: [aws.s3]}\n", "give exactly one of `pattern` and `schedule`"),
        (
            "        schedule: every hour\n",
            '`schedule` in step `catch-up` must be a schedule such as rate(1 hour), not "every hour"',
        ),
    ],
)
def test_a_rule_without_or_with_two_occasions_is_refused(tmp_path: Path, written: str, told: str) -> None:
    path = tmp_path / "runbook.yaml"
    text = (ROOT / "runbook.yaml").read_text()
    assert SCHEDULE in text
    path.write_text(text.replace(SCHEDULE, written))
    with pytest.raises(RunbookError) as refused:
        load(path, REGISTRY)
    (problem,) = refused.value.problems
    assert told in str(problem)
