"""What all tests share: the table of the fault sweep at the end of a run."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any


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
