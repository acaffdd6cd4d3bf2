"""Interruption, the sandbox's isolation, broken pipes: what lies around the commands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cci_lite.cli import session

_WAITS = """
import sys, threading
from cci_lite.cli import interrupt
interrupt.install()
print("ready", flush=True)
interrupt.stop.wait()
print("stopping", flush=True)
threading.Event().wait()
"""


def test_the_first_interruption_stops_gently_and_the_second_at_once() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _WAITS], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 130
        assert "finishing the call in flight. Once more ends at once." in process.stderr.read()


def test_nothing_of_the_operators_aws_environment_matters_in_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {"AWS_PROFILE": "work", "AWS_ENDPOINT_URL_S3": "http://x", "PATH": "/bin"})
    session._forget_aws()
    assert os.environ == {
        "PATH": "/bin",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


@pytest.mark.parametrize(
    ("words", "stream", "code"),
    [
        ("sandbox status", "stdout", 0),
        ("sandbox status --json", "stdout", 0),
        ("plan --runbook nowhere.yaml", "stderr", 2),
        ("plan --runbook nowhere.yaml --json", "stdout", 2),
    ],
)
def test_a_reader_that_went_away_changes_nothing(tmp_path: Path, words: str, stream: str, code: int) -> None:
    """stdout has a buffer, of which Python would complain at its end, unless the environment takes it away."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    reading, writing = os.pipe()
    os.close(reading)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, stream: writing}
    command, homes = Path(sys.executable).with_name("cci-lite"), {"CCI_LITE_HOME": str(tmp_path)}
    run = subprocess.Popen([command, *words.split()], **streams, text=True, env={**kept, **homes})
    os.close(writing)
    told = "".join(filter(None, run.communicate()))
    assert run.returncode == code
    assert [each for each in ("Traceback", "ignored", "BrokenPipe") if each in told] == []
    assert not (tmp_path / "crash").exists()
