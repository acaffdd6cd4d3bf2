"""A phase that is off: every command leaves it out and says so; whoever names it is told how to turn it on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cci_lite.engine.model import Observed
from tests.cli.conftest import Run
from tests.cli.fakes import RUNBOOK, FakeCloud, Thing

Command = Callable[..., Run]
OFF = "Phase 2 is off: workers cost money; to turn it on, set `enabled: true` in line 15 of the runbook"


@pytest.fixture(autouse=True)
def second_phase_off(home: Path) -> None:
    text = RUNBOOK.replace(
        "    title: Pipeline\n", "    title: Pipeline\n    enabled: false\n    opt_in: workers cost money\n"
    )
    (home / "runbook.yaml").write_text(text, encoding="utf-8")
    assert text.splitlines()[14] == "    enabled: false"


def test_plan_and_status_leave_it_out_and_say_so(run: Command) -> None:
    for command in ("plan", "status"):
        told = run(command).out
        assert OFF in told.splitlines()
        assert "2 steps: 2 to create." in told and "worker" not in told.replace("workers cost", "")


def test_a_plan_for_programs_says_so_too(run: Command) -> None:
    document = json.loads(run("plan", "--json").out)
    assert document["off"] == [{"phase": 2, "title": "Pipeline", "reason": OFF}]
    assert [each["id"] for each in document["steps"]] == ["key", "store"]


def test_provision_and_validate_do_the_rest(run: Command, cloud: FakeCloud) -> None:
    done = run("provision", "--yes")
    assert (done.code, list(cloud.things)) == (0, ["key", "store"])
    assert OFF in done.out.splitlines()
    proved = run("validate")
    assert (proved.code, proved.out.splitlines()[-2:]) == (0, ["2 passed, 0 failed, 0 skipped.", OFF])


@pytest.mark.parametrize("command", ["plan", "provision", "validate", "teardown"])
def test_whoever_names_the_phase_is_told_that_it_is_off(run: Command, cloud: FakeCloud, command: str) -> None:
    assert run(command, "--phase", "2") == Run(4, "", f"{OFF}\n")
    assert cloud.writes == []


def test_whoever_names_a_step_of_it_is_told_that_it_is_off(run: Command) -> None:
    assert run("plan", "--step", "worker") == Run(4, "", f"`worker` is a step of phase 2\nnext: {OFF}\n")


def test_a_range_is_about_what_is_on_in_it(run: Command) -> None:
    told = run("plan", "--phase", "1-2").out
    assert "2 steps: 2 to create." in told and OFF in told.splitlines()


def test_a_selection_without_it_does_not_mention_it(run: Command) -> None:
    assert "off" not in run("plan", "--phase", "1").out.replace(" of", "")
    assert "Phase 2" not in run("plan", "--step", "key").out


def test_a_teardown_does_not_forget_silently_what_it_may_have_made(run: Command, cloud: FakeCloud) -> None:
    cloud.things.update(key=Observed(Thing(1)), worker=Observed(Thing(1)))
    told = run("teardown", "--yes")
    assert told.code == 0
    assert f"{OFF}. What it made while it was on is not looked at, and stays." in told.out.splitlines()
    assert "worker" in cloud.things
