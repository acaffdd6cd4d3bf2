"""The scripts of calls whose truth is known: who says what, when, and what a reader should find. Imports PyYAML only.

A line is `speaker: words`, after `gap_s` seconds of silence (below zero: begun while the other still speaks). Personal
data stands in braces with Comprehend's type name: `{PHONE 555 010 4477}`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "scripts"
#: Calls by somebody who knew neither the rules of the stand-ins nor the calls above. Nothing may be tuned on them.
HELD_OUT = Path(__file__).parent / "held_out"
SPEAKERS = ("agent", "customer")
GAP_S = 0.5
#: What stands for personal data in the words of truth and of transcripts alike.
MARK = "[pii]"
_PERSONAL = re.compile(r"\{([A-Z_]+) ([^{}]+)\}")


@dataclass(frozen=True)
class Personal:
    """Personal data in a line: Comprehend's type name and the value as written."""

    kind: str
    value: str


@dataclass(frozen=True)
class Line:
    """What one speaker says in one go; gap_s after the end of the line before, negative for an overlap."""

    speaker: str
    text: str
    gap_s: float = GAP_S

    @property
    def personal(self) -> list[Personal]:
        return [Personal(*found) for found in _PERSONAL.findall(self.text)]

    @property
    def spoken(self) -> str:
        """The words for the voice: numbers digit by digit, a pause between their groups."""
        return _PERSONAL.sub(lambda found: ", ".join(" ".join(group) for group in found[2].split()), self.text)

    @property
    def redacted(self) -> str:
        """The words that a transcript should show."""
        return _PERSONAL.sub(MARK, self.text)


@dataclass(frozen=True)
class Voice:
    """An espeak-ng voice; speed in words a minute, pitch 0-99."""

    voice: str
    speed: int
    pitch: int


@dataclass(frozen=True)
class Truth:
    """What a reader of the result should find.

    sentiment: by speaker, in lower-case Comprehend labels; qa: questions of the rubric whose answer is yes.
    """

    outcome: str
    categories: frozenset[str]
    sentiment: Mapping[str, str] = field(default_factory=dict)
    qa: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Script:
    """A call. noise_db: level of white noise to full scale; clean: whether the bars on words and talk time count it."""

    name: str
    title: str
    tenant: str
    voices: Mapping[str, Voice]
    lines: Sequence[Line]
    truth: Truth
    channels: int = 2
    noise_db: float | None = None
    clean: bool = True

    @property
    def personal(self) -> list[Personal]:
        return [each for line in self.lines for each in line.personal]


def load(name: str) -> Script:
    """The script of that name, of either folder. Raises KeyError where something is missing."""
    held_out = HELD_OUT / f"{name}.yaml"
    path = held_out if held_out.exists() else FOLDER / f"{name}.yaml"
    return parse(name, yaml.safe_load(path.read_text(encoding="utf-8")))


def every(folder: Path = FOLDER) -> Iterator[Script]:
    """All scripts of a folder by name."""
    for path in sorted(folder.glob("*.yaml")):
        yield load(path.stem)


def parse(name: str, told: Mapping[str, Any]) -> Script:
    """A script from its YAML. Raises KeyError where something is missing."""
    return Script(
        name=name,
        title=told["title"],
        tenant=told["tenant"],
        voices={who: Voice(**voice) for who, voice in told["speakers"].items()},
        lines=[_line(each) for each in told["lines"]] * told.get("repeat", 1),
        truth=_truth(told["truth"]),
        channels=told.get("channels", 2),
        noise_db=told.get("noise_db"),
        clean=told.get("clean", True),
    )


def _truth(told: Mapping[str, Any]) -> Truth:
    return Truth(told["outcome"], frozenset(told["categories"]), told.get("sentiment", {}), frozenset(told["qa"]))


def _line(told: Mapping[str, Any]) -> Line:
    (speaker,) = set(told) & set(SPEAKERS)
    return Line(speaker, told[speaker], told.get("gap_s", GAP_S))
