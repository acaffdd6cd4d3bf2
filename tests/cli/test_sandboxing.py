"""sandbox up, down, reset and status, with a daemon that is a flag."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cci_lite.sandbox import control
from tests.cli.conftest import Daemon, Run

Command = Callable[..., Run]


def test_up_starts_it_once_and_says_where_it_is(run: Command, daemon: Daemon) -> None:
    done = run("sandbox", "up")
    assert (done.code, done.err) == (0, "Starting the sandbox ...\n")
    assert done.out.startswith(
        "The sandbox runs: account 111122223333, eu-central-1, https://localhost:1 (process 42)\n"
    )
    assert run("sandbox", "up").err == ""


def test_status_tells_programs_what_they_need_but_no_secret(run: Command, daemon: Daemon) -> None:
    assert json.loads(run("sandbox", "status", "--json").out) == {"schema": "cci-lite/sandbox/1", "running": False}
    daemon.up = True
    told = json.loads(run("--json", "sandbox", "status").out)
    assert (told["running"], told["endpoint"], told["pid"]) == (True, "https://localhost:1", 42)
    assert "secret" not in told.values()


def test_status_tells_one_that_does_not_answer_from_none(
    run: Command, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("sandbox", "status").out == "The sandbox is not running. Start it: cci-lite sandbox up\n"
    monkeypatch.setattr(control, "held", lambda state: True)
    assert run("sandbox", "status").out == "The sandbox is starting, or too busy to answer\n"


@pytest.mark.parametrize("verb", ["up", "down", "reset", "status"])
def test_a_file_in_the_way_is_a_sentence(run: Command, home: Path, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    (home / "file").write_text("mine")
    monkeypatch.setenv("CCI_LITE_SANDBOX", str(home / "file"))
    done = run("sandbox", verb)
    assert done.code == 1 and "the sandbox cannot use its folder: Not a directory: HOME/file" in done.err
    assert done.err.endswith("next: name another folder in CCI_LITE_SANDBOX\n")


def test_a_damaged_file_is_a_sentence_while_a_daemon_is_there_and_none_else(
    run: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCI_LITE_SANDBOX", str(home / "sandbox"))
    (home / "sandbox").mkdir()
    (home / "sandbox" / "server.json").write_text("")
    assert run("sandbox", "status").out == "The sandbox is not running. Start it: cci-lite sandbox up\n"
    assert run("sandbox", "down").out == "The sandbox was not running.\n"
    with (home / "sandbox" / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run("sandbox", "status")
    assert done.code == 1
    assert done.err == (
        "HOME/sandbox/server.json is empty, so that the sandbox that is running cannot be reached\n"
        "next: `cci-lite sandbox down`, then up: it is written anew, and nothing is lost\n"
    )


def test_down_and_reset_may_be_repeated(run: Command, daemon: Daemon) -> None:
    daemon.up = True
    assert run("sandbox", "down").out == "The sandbox is stopped; what it holds is kept.\n"
    assert run("sandbox", "down").out == "The sandbox was not running.\n"
    assert run("sandbox", "reset").out == "The sandbox is stopped and empty.\n"


def test_a_sandbox_that_does_not_start_is_a_failure_with_a_next_step(run: Command, daemon: Daemon) -> None:
    daemon.broken = True
    done = run("sandbox", "up")
    assert done.code == 1
    assert done.err.endswith("the sandbox ended\nnext: its log tells why\n")


def test_any_command_in_the_sandbox_starts_it_and_pins_its_account(run: Command, daemon: Daemon) -> None:
    done = run("--sandbox", "--account", "444455556666", "provision", "--phase", "1")
    assert done.code == 0
    assert daemon.up
    assert "To prove it again: cci-lite --account 444455556666 --sandbox validate" in done.err
