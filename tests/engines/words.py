"""Word accuracy, as the field counts it: one minus the word error rate."""

from __future__ import annotations

import re
from collections.abc import Sequence


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def accuracy(truth: Sequence[str], heard: Sequence[str]) -> float:
    """1 - (substitutions + insertions + deletions) / words said, by least edit distance."""
    row = list(range(len(heard) + 1))
    for place, word in enumerate(truth, 1):
        diagonal, row[0] = row[0], place
        for column, other in enumerate(heard, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (word != other))
    return 1 - row[-1] / len(truth)
