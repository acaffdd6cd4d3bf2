"""Commands in-process: the real main, the fake account."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cci_lite.aws import connect
from cci_lite.cli import interrupt, main
from cci_lite.sandbox import control
from tests.cli.fakes import REGISTRY, RUNBOOK, FakeCloud

_SNAPSHOTS = Path(__file__).parent / "snapshots"


@dataclass(frozen=True)
class Run:
    """Exit code and both streams, with what differs from run to run replaced."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n-- stdout\n{self.out}-- stderr\n{self.err}"


@pytest.fixture
def cloud() -> FakeCloud:
    return FakeCloud()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cloud: FakeCloud) -> Iterator[Path]:
    """A folder with a runbook and a home for evidence; AWS is `cloud`."""
    for name in [each for each in os.environ if each.startswith(("AWS_", "CCI_LITE_"))]:
        monkeypatch.delenv(name)
    (tmp_path / "runbook.yaml").write_text(RUNBOOK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CCI_LITE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("cci_lite.steps.REGISTRY", REGISTRY)
    monkeypatch.setattr(connect, "connect", _connect(cloud))
    yield tmp_path
    interrupt.stop.clear()


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Run one command line."""

    def command(*arguments: str) -> Run:
        code = main.run(list(arguments))
        told = capfd.readouterr()
        return Run(code, _same(told.out, home), _same(told.err, home))

    return command


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[Run], None]:
    """Compare a run with the file named after the test; UPDATE_SNAPSHOTS=1 writes it anew."""
    path = _SNAPSHOTS / f"{request.node.name.removeprefix('test_')}.txt"

    def compare(run: Run) -> None:
        if os.environ.get("UPDATE_SNAPSHOTS") == "1":
            path.write_text(str(run), encoding="utf-8")
        assert str(run) == path.read_text(encoding="utf-8")

    return compare


class Daemon:
    """Runs or does not; `broken` keeps it from starting."""

    def __init__(self, state: Path) -> None:
        self.state, self.up, self.broken = state, False, False

    def running(self, state: Path) -> control.Sandbox | None:
        https, http = "https://localhost:1", "http://localhost:2"
        there = control.Sandbox(
            state, 42, https, http, state / "ca.pem", "111122223333", "eu-central-1", "key", "secret"
        )
        return there if self.up else None

    def start(self, state: Path) -> control.Sandbox:
        if self.broken:
            raise control.SandboxError("the sandbox ended", "its log tells why")
        self.up = True
        found = self.running(state)
        assert found is not None
        return found

    def stop(self, state: Path) -> bool:
        was, self.up = self.up, False
        return was


@pytest.fixture
def daemon(home: Path, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    made = Daemon(home / "sandbox")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "")  # what the session sets is undone after the test
    monkeypatch.setattr(control, "state_folder", lambda: made.state)
    monkeypatch.setattr(control, "running", made.running)
    monkeypatch.setattr(control, "up", made.start)
    monkeypatch.setattr(control, "down", made.stop)
    monkeypatch.setattr(control, "reset", made.stop)
    return made


def _connect(cloud: FakeCloud) -> Callable[..., Any]:
    def connected(access: Any, *, pinned: str | None, read_only: bool, **_: Any) -> FakeCloud:
        if not pinned and not read_only:
            raise connect.Refused("no account is pinned", "pin it")
        if pinned and pinned != cloud.site.account:
            raise connect.Refused(f"the credentials belong to account {cloud.site.account}", "use another profile")
        cloud.read_only = read_only
        return cloud

    return connected


def _same(text: str, home: Path) -> str:
    text = re.sub(r"runs/\w+Z-[0-9a-f]{6}", "runs/RUN", text.replace(str(home), "HOME"))
    text = re.sub(r'"run": "\w+Z-[0-9a-f]{6}"', '"run": "RUN"', text)
    return re.sub(r"crash/\w+Z\.log", "crash/TIME.log", text)
