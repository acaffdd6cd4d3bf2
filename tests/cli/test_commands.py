"""Consent, selection, exit codes, evidence: what the commands promise besides their looks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cci_lite.cli import interrupt
from cci_lite.engine.model import Observed, Status
from tests.cli.conftest import Run
from tests.cli.fakes import RUNBOOK, FakeCloud, Thing, interrupted_at

Command = Callable[..., Run]
_HEAVY = ("boto3", "botocore", "pydantic", "rich.live", "cci_lite.steps", "cci_lite.sandbox")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from cci_lite.cli.main import run; run(['--help']); "
        f"sys.exit(','.join(each for each in {_HEAVY!r} if each in sys.modules) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "provision" in done.stdout


def test_nothing_is_changed_without_consent_when_nobody_can_be_asked(run: Command, cloud: FakeCloud) -> None:
    done = run("provision", "--phase", "1")
    assert done.code == 2
    assert done.err.endswith("nobody is here to confirm\nnext: add --yes when that is meant\n")
    assert cloud.writes == []


@pytest.mark.parametrize(("typed", "code"), [("yes", 0), ("y", 4), ("", 4)])
def test_only_the_whole_word_is_consent(
    run: Command, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: typed)
    assert run("provision", "--phase", "1").code == code
    assert bool(cloud.writes) == (code == 0)


@pytest.mark.parametrize(
    ("typed", "code"), [("111122223333", 0), ("yes", 4), ("111122223334", 4), ("11112222333", 4), ("", 4)]
)
def test_a_teardown_goes_on_when_the_number_of_the_account_is_typed_and_on_nothing_else(
    run: Command, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    cloud.things["key"] = Observed(Thing(1))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: typed)
    done = run("teardown")
    assert "This removes things from account 111122223333. Type its number to go ahead." in done.err
    assert (done.code, "key" in cloud.things) == (code, code != 0)
    if code:
        assert "not confirmed; nothing was changed\nnext: type 111122223333 to go ahead" in done.err
        assert cloud.writes == []


def test_ctrl_c_at_the_question_changes_nothing(
    run: Command, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", interrupted)
    assert run("provision", "--phase", "1").code == 130
    assert cloud.writes == []


def test_an_interrupted_run_ends_with_130_gives_the_lease_back_and_goes_on_when_repeated(
    run: Command, cloud: FakeCloud
) -> None:
    with interrupted_at(cloud, "store"):
        done = run("provision", "--phase", "1", "--yes", "--jobs", "1")
    assert done.code == 130
    assert "provision --phase 1 goes on from here" in done.err
    assert cloud.parameters == {}
    assert run("provision", "--phase", "1", "--yes").code == 0
    assert [each for each in cloud.writes if "fake" in each] == ["fake:PutThing key", "fake:PutThing store"]


def test_after_an_interruption_no_command_claims_success(run: Command) -> None:
    interrupt.stop.set()
    assert run("status").code == 130


def test_a_failed_validation_ends_with_5(run: Command, cloud: FakeCloud) -> None:
    cloud.checks["key"] = Status.FAILED
    done = run("provision", "--phase", "1", "--yes")
    assert done.code == 5
    assert "next: look at it" in done.err


def test_a_skipped_check_is_no_failure_and_no_proof(run: Command, cloud: FakeCloud) -> None:
    cloud.things["key"] = Observed(Thing(1))
    cloud.checks["key"] = Status.SKIPPED
    done = run("validate", "--step", "key")
    assert done.code == 0
    assert "0 passed, 0 failed, 1 skipped." in done.out


def test_a_phase_that_is_named_has_to_be_there(run: Command) -> None:
    run("provision", "--phase", "1", "--yes")
    assert [run("validate", *asked).code for asked in ((), ("--phase", "1"), ("--phase", "1-2"))] == [0, 0, 5]


def test_data_is_lost_by_its_exact_name_only(run: Command, cloud: FakeCloud) -> None:
    done = run("teardown", "--yes", "--delete-data", "the-stroe")
    assert done.code == 2
    assert "--delete-data the-stroe names no bucket or key of the runbook" in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["plan", "--step", "stoer"], "there is no step `stoer`\nnext: did you mean `store`?\n"),
        (["plan", "--phase", "7"], "the runbook has no phase 7\nnext: its phases: 1, 2\n"),
        (["plan", "--phase", "x"], "--phase x is no phase\nnext: write one number (2) or a range (1-2)\n"),
    ],
)
def test_unknown_steps_and_phases_are_refused(run: Command, arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert (done.code, done.err) == (2, told)


def test_a_range_of_phases_and_single_steps_can_be_chosen(run: Command) -> None:
    chosen = json.loads(run("plan", "--json", "--phase", "1-1", "--step", "worker").out)
    assert [each["id"] for each in chosen["steps"]] == ["key", "store", "worker"]


def test_an_unpinned_account_is_read_but_never_changed(run: Command, cloud: FakeCloud, home: Path) -> None:
    (home / "runbook.yaml").write_text(RUNBOOK.replace('account: "111122223333"\n', ""), encoding="utf-8")
    assert run("plan").code == 0
    assert run("provision", "--yes").code == 4
    assert cloud.writes == []


def test_the_environment_can_pin_the_account(run: Command, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCI_LITE_ACCOUNT", "444455556666")
    assert run("plan").code == 4
    assert run("plan", "--account", "111122223333").code == 0
    monkeypatch.setenv("CCI_LITE_ACCOUNT", "")
    assert run("plan").code == 0


def test_the_environment_can_name_the_runbook_and_need_not_be_told_again(
    run: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "runbook.yaml").rename(home / "other.yaml")
    assert run("plan").code == 2
    monkeypatch.setenv("CCI_LITE_RUNBOOK", str(home / "other.yaml"))
    done = run("plan")
    assert done.code == 0 and done.err.endswith("To do it: cci-lite provision\n")
    assert "To do it: cci-lite --runbook other.yaml provision" in run("plan", "--runbook", "other.yaml").err


def test_help_names_what_the_environment_may_say(run: Command) -> None:
    told = run("--help").out
    names = ("CCI_LITE_ACCOUNT", "CCI_LITE_HOME", "CCI_LITE_RUNBOOK", "CCI_LITE_SANDBOX")
    assert [each for each in names if each not in told] == []


def test_the_runbook_is_found_above_but_not_beyond_the_checkout(
    run: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = home / "checkout" / "deep"
    inside.mkdir(parents=True)
    monkeypatch.chdir(inside)
    assert run("plan").code == 0
    (home / "checkout" / ".git").mkdir()
    done = run("plan")
    assert done.code == 2
    assert "give one with --runbook FILE" in done.err


def test_commands_to_type_next_repeat_what_was_given(run: Command, home: Path) -> None:
    done = run("--runbook", "runbook.yaml", "plan", "--phase", "2")
    assert "first run: cci-lite --runbook runbook.yaml provision --phase 1" in done.out


def test_text_from_outside_cannot_steer_the_terminal(run: Command, home: Path) -> None:
    title = RUNBOOK.replace("title: The key", 'title: "The \\e[2J[red]key\\u202e"')
    (home / "runbook.yaml").write_text(title, encoding="utf-8")
    done = run("plan", "--phase", "1")
    assert "The ?[2J[red]key?" in done.out


def test_a_run_leaves_a_journal_and_a_report(run: Command, home: Path) -> None:
    run("provision", "--phase", "1", "--yes", "--jobs", "1")
    (folder,) = (home / "home" / "runs").iterdir()
    lines = [json.loads(each) for each in (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    told = [each.get("intent") or each.get("outcome") or each.get("result") for each in lines]
    lease = ["ssm:put_parameter", "ssm:put_parameter"]
    assert told == [
        None,
        *lease,
        *["fake:PutThing", "fake:PutThing", "created"] * 2,
        "ssm:delete_parameter",
        "ssm:delete_parameter",
    ]
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert [(each["step"], each["result"]) for each in report["steps"]] == [("key", "created"), ("store", "created")]
    assert report["exit_code"] == 0
    assert (folder / "report.md").read_text(encoding="utf-8").startswith("# cci-lite provision\n")
    assert all(each.stat().st_mode & 0o077 == 0 for each in folder.iterdir())


def test_without_a_journal_nothing_is_written(run: Command, cloud: FakeCloud, home: Path) -> None:
    (home / "home").write_text("a file where the folder should be", encoding="utf-8")
    done = run("provision", "--phase", "1", "--yes")
    assert done.code == 1
    assert "the journal cannot be written, so nothing was changed" in done.err
    assert cloud.writes == []


def test_a_bug_in_a_step_is_kept_in_the_journal_and_hurts_only_what_needs_the_step(
    run: Command, cloud: FakeCloud, home: Path
) -> None:
    cloud.fail["store"] = KeyError("arn")
    done = run("provision", "--yes", "--jobs", "1")
    assert done.code == 1
    assert "store: KeyError: 'arn'" in done.err
    assert "key" in cloud.things
    assert "worker" not in cloud.things
    (journal,) = (home / "home" / "runs").glob("*/journal.jsonl")
    assert "Traceback" in journal.read_text(encoding="utf-8")
