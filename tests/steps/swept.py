"""The cases of a fault sweep, read from the processes that make them."""

from __future__ import annotations

import heapq
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.world import ROOT

#: Parts of the calls, a test each.
PARTS = 24


@dataclass(frozen=True)
class Case:
    """One fault at one call (from 0), and what came of it: tests.steps.sweep.CONVERGED or what went wrong."""

    call: int
    fault: str
    told: str


class Swept:
    """All cases, in the order of the calls. calls: how many an undisturbed run makes; due: those that get a fault."""

    def __init__(self, shares: Sequence[Iterator[dict[str, Any]]]) -> None:
        first, *others = [next(each) for each in shares]
        assert all(each == first for each in others)
        self.calls, self.due = int(first["calls"]), frozenset[int](first["due"])
        self._lines = heapq.merge(*shares, key=lambda line: line["call"])
        self._read: list[Case] = []

    def part(self, number: int) -> list[Case]:
        """The cases of part `number` (from 0) of the calls."""
        which = self.calls_of(number)
        while not self._read or self._read[-1].call < which.stop:
            line = next(self._lines, None)
            if line is None:
                break
            self._read.append(Case(**line))
        return [each for each in self._read if each.call in which]

    def calls_of(self, number: int) -> range:
        return range(self.calls * number // PARTS, self.calls * (number + 1) // PARTS)


@contextmanager
def swept(run: str, processes: int) -> Iterator[Swept]:
    """The sweep of `run`, "provision" or "teardown", its calls dealt out to `processes`."""
    with ExitStack() as stack:
        yield Swept([stack.enter_context(_share(run, each, processes)) for each in range(processes)])


@contextmanager
def _share(run: str, first: int, step: int) -> Iterator[Iterator[dict[str, Any]]]:
    command = (sys.executable, "-W", "error", "-m", "tests.steps.sweep", run, str(first), str(step))
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT) as process,
    ):
        try:
            yield _lines(process, errors)
        finally:
            process.kill()


def _lines(process: subprocess.Popen[str], errors: Any) -> Iterator[dict[str, Any]]:
    assert process.stdout
    for line in process.stdout:
        yield json.loads(line)
    if process.wait():
        errors.seek(0)
        raise AssertionError(errors.read())
