"""What all tests share: which files begin first, and the table of the fault sweep at the end of a run."""

from __future__ import annotations

import gc
import os
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

#: Files with the longest way to go: begun first, none of them is waited for at the end. Those that mostly wait for a
#: sandbox stand between those that compute, so that there is always something to do.
LONG = (
    "test_sweep_provision",
    "test_runbook_from_start_to_end",
    "test_scenarios_in_the_sandbox",
    "test_sweep_teardown",
    "test_two_operators",
    "test_state_machine",
    "test_in_chromium",
    "test_crawler",
    "test_redo",
    "test_recordings",
    "test_the_demo",
    "test_phase4",
    "test_transcribe",
    "test_contract",
    "test_notifications",
    "test_speech",
    "test_secrets",
    "test_athena",
)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a shell's background job; the commands under test would ignore
    signal.signal(signal.SIGINT, signal.default_int_handler)  # it as well, as under nohup
# The shell finds the command, so that hints name it instead of its path on this machine.
os.environ["PATH"] = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))

gc.set_threshold(500_000, 20, 100)  # service models are large, and live on: a tenth of the time went into looking


def pytest_configure(config: pytest.Config) -> None:
    """All sandboxes of a run, of every worker, listen to a recording once."""
    if not hasattr(config, "workerinput"):
        heard = tempfile.TemporaryDirectory(prefix="cci-lite-heard-")
        os.environ["CCI_LITE_SANDBOX_HEARD"] = heard.name
        config.add_cleanup(heard.cleanup)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Needs --no-loadscope-reorder, without which xdist begins with the file of most tests."""
    place = {name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda each: place.get(each.path.stem, len(place)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """How many faults were survived, by run and kind of fault."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "sweep":
                for run, faults in value.items():
                    table[run].update(faults)
    if not table:
        return
    terminalreporter.section("fault sweep: faults survived")
    for run, faults in sorted(table.items()):
        told = ", ".join(f"{count} {fault}" for fault, count in sorted(faults.items()))
        terminalreporter.write_line(f"{run:<10} {faults.total():>4}  ({told})")
