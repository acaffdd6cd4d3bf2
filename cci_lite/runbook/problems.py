"""What is wrong with a runbook, and where. May import the standard library only."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to correct: file, line (from 1), the reason, and the next step ("" when the reason says it all)."""

    file: str
    line: int
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" + (f"; {self.hint}" if self.hint else "")


class RunbookError(Exception):
    """A runbook that cannot be used: everything that is wrong with it, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.line, each.reason)))
        super().__init__("\n".join(str(each) for each in self.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant, or what there is to choose from."""
    choices = sorted(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"known here: {', '.join(choices)}" if choices else ""
