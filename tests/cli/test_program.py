"""A hint begins with a command that the reader's shell finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cci_lite.cli.exits import Stop
from cci_lite.cli.failing import told
from cci_lite.cli.program import program
from cci_lite.cli.screen import Screen, fit


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in PROJECT/.venv that runs, in a shell that does not find it."""
    script = tmp_path / "my project" / ".venv" / "bin" / "cci-lite"
    script.parent.mkdir(parents=True)
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script), "demo"])
    monkeypatch.setenv("PATH", "/nowhere")
    return script


def test_below_the_current_folder_it_is_named_from_there(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(installed.parents[2])
    assert program() == ".venv/bin/cci-lite"
    monkeypatch.chdir(installed.parent)
    assert program() == "./cci-lite"


def test_elsewhere_it_is_named_from_the_root_and_quoted_for_the_shell(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert program() == f"'{installed}'"


def test_a_shell_that_finds_it_needs_its_name_only(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(installed.parent))
    assert program() == "cci-lite"
    linked = installed.parents[3] / "bin"
    linked.mkdir()
    (linked / "cci-lite").symlink_to(installed)
    monkeypatch.setenv("PATH", str(linked))
    assert program() == "cci-lite"


def test_another_installation_that_the_shell_would_find_is_not_meant(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "cci-lite"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    monkeypatch.chdir(installed.parents[2])
    assert program() == ".venv/bin/cci-lite"


def test_a_current_folder_that_is_gone_is_no_obstacle(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert program() == "cci-lite"
    monkeypatch.chdir(tmp_path)


def test_every_hint_begins_with_it(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(installed.parents[2])
    shown = fit("first run: cci-lite provision --phase 1; then `cci-lite sandbox confirm`", "cci-lite --sandbox")
    ours = ".venv/bin/cci-lite"
    assert shown == f"first run: {ours} --sandbox provision --phase 1; then `{ours} sandbox confirm`"
    assert fit("alice runs `cci-lite provision` of cci-lite 0.1", "cci-lite") == (
        "alice runs `cci-lite provision` of cci-lite 0.1"
    )
    assert fit(f"{ours} plan", "cci-lite") == f"{ours} plan"
    screen = Screen()
    screen.say("  cci-lite --sandbox query 'SELECT 1'")
    screen.show("Start it: cci-lite sandbox up")
    printed = capfd.readouterr()
    assert (printed.err, printed.out) == (f"  {ours} --sandbox query 'SELECT 1'\n", f"Start it: {ours} sandbox up\n")


def test_errors_too(installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(installed.parents[2])
    assert told(Stop(4, "step `store` is not in place", "cci-lite provision"), as_json=True) == 4
    shown = capsys.readouterr()
    assert shown.err.endswith("\nnext: .venv/bin/cci-lite provision\n")
    assert json.loads(shown.out)["next"] == ".venv/bin/cci-lite provision"


def test_the_installed_command_says_how_it_was_found(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("cci-lite")
    environment = {**os.environ, "PATH": "/usr/bin:/bin", "CCI_LITE_SANDBOX": str(tmp_path / "sandbox")}
    shown = subprocess.run(
        [command, "sandbox", "status"], capture_output=True, text=True, env=environment, cwd=tmp_path, check=True
    ).stdout
    assert shown == f"The sandbox is not running. Start it: {command} sandbox up\n"
