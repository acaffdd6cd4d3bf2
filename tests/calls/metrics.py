"""How far a result is from the truth of its call. Pure; imports the scripts' types and the word distance.

Times are seconds; a truth is the lines as they were said, a result the document that docs/result-schema.json describes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, permutations
from typing import Any

from tests.calls.recordings import Said, interruptions
from tests.calls.scripts import MARK, SPEAKERS, Personal
from tests.engines.words import accuracy

#: A found interruption may lie this far from the true one; seconds.
NEAR_S = 1.0
_FRAME_S = 0.05
_LEAK = 4
_TOKEN = re.compile(rf"{re.escape(MARK)}|[^\W_]+(?:'[^\W_]+)*")
_REDACTION = re.compile(r"\[[A-Z_]{3,}\]")
_DOLLARS = re.compile(r"\$(\d+)")
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SIGNS = {"POSITIVE": 1, "NEGATIVE": -1}


@dataclass(frozen=True)
class Hits:
    """right: true ones that were found; true: how many there are; found: how many were found, right or not."""

    right: int = 0
    true: int = 0
    found: int = 0

    def __add__(self, other: Hits) -> Hits:
        return Hits(self.right + other.right, self.true + other.true, self.found + other.found)

    @property
    def recall(self) -> float | None:
        return self.right / self.true if self.true else None

    @property
    def precision(self) -> float | None:
        return self.right / self.found if self.found else None


def words(text: str) -> list[str]:
    """Words to compare: no case, accents or marks; amounts and small numbers as words; redactions in a row as one."""
    spelled = _DOLLARS.sub(r"\1 dollars", _REDACTION.sub(f" {MARK} ", text))
    folded = unicodedata.normalize("NFKD", spelled.casefold())
    plain = "".join(each for each in folded if not unicodedata.combining(each))
    named = (_named(each) for each in _TOKEN.findall(plain))
    return [word for word, run in groupby(named) for word in ([word] if word == MARK else run)]


def _named(word: str) -> str:
    return _NUMBERS[int(word)] if word.isascii() and word.isdigit() and int(word) < len(_NUMBERS) else word


def word_errors(said: Sequence[Said], turns: Sequence[Mapping[str, Any]], by_speaker: bool) -> tuple[int, int]:
    """(errors, words said). By speaker where channels tell them apart, so that cross-talk has no order to get wrong."""
    groups = [{who} for who in SPEAKERS] if by_speaker else [set(SPEAKERS)]
    errors = total = 0
    for group in groups:
        truth = words(" ".join(each.line.redacted for each in said if each.line.speaker in group))
        heard = words(" ".join(each["text"] for each in turns if each["speaker"] in group or not by_speaker))
        if truth:
            errors += round((1 - accuracy(truth, heard)) * len(truth))
            total += len(truth)
    return errors, total


def named(said: Sequence[Said], turns: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Which speaker each label of a result stands for: itself, or whoever it overlaps most."""
    labels = sorted({each["speaker"] for each in turns})
    if set(labels) <= set(SPEAKERS):
        return {label: label for label in labels}
    fits = [dict(zip(labels, chosen, strict=False)) for chosen in permutations(SPEAKERS)]
    return max(fits, key=lambda names: sum(_overlap(said, turn, names) for turn in turns))


def _overlap(said: Sequence[Said], turn: Mapping[str, Any], names: Mapping[str, str]) -> float:
    mine = [each for each in said if each.line.speaker == names.get(turn["speaker"])]
    return sum(max(0.0, min(each.end_s, turn["end_s"]) - max(each.start_s, turn["start_s"])) for each in mine)


def attribution(said: Sequence[Said], turns: Sequence[Mapping[str, Any]]) -> float | None:
    """Share of the time in which somebody speaks and somebody is heard, in which who is heard does speak."""
    names = named(said, turns)
    spoken = _frames((each.start_s, each.end_s, each.line.speaker) for each in said)
    heard = _frames((each["start_s"], each["end_s"], names.get(each["speaker"], "")) for each in turns)
    both = spoken.keys() & heard.keys()
    return sum(bool(spoken[each] & heard[each]) for each in both) / len(both) if both else None


def _frames(spans: Iterable[tuple[float, float, str]]) -> dict[int, set[str]]:
    frames: dict[int, set[str]] = {}
    for start, end, who in spans:
        for frame in range(round(start / _FRAME_S), round(end / _FRAME_S)):
            frames.setdefault(frame, set()).add(who)
    return frames


def talk(said: Sequence[Said], result: Mapping[str, Any]) -> tuple[float, float]:
    """(seconds of error over the speakers, seconds talked)."""
    true: dict[str, float] = {}
    for each in said:
        true[each.line.speaker] = true.get(each.line.speaker, 0.0) + each.end_s - each.start_s
    names = named(said, result["turns"])
    found = {names.get(label.removesuffix("_s"), ""): seconds for label, seconds in result["talk"].items()}
    return sum(abs(found.get(who, 0.0) - seconds) for who, seconds in true.items()), sum(true.values())


def cuts(said: Sequence[Said], found: Sequence[Mapping[str, Any]]) -> Hits:
    """Interruptions found by the right person within NEAR_S; each counts for one true one."""
    left = list(found)
    true = interruptions(said)
    right = 0
    for each in true:
        near = [one for one in left if one["by"] == each["by"] and abs(one["at_s"] - each["at_s"]) <= NEAR_S]
        if near:
            left.remove(near[0])
            right += 1
    return Hits(right, len(true), len(found))


def hidden(personal: Sequence[Personal], result: Mapping[str, Any]) -> Hits:
    """Personal data of which nothing can be read anywhere in the result; found is as many: see `marks`."""
    texts = [*_texts({key: value for key, value in result.items() if key not in ("source", "provenance")})]
    kept = sum(not any(leaks(each.value, text) for text in texts) for each in personal)
    return Hits(kept, len(personal), kept)


def leaks(value: str, text: str) -> bool:
    """Whether four neighbouring digits of a number, spoken or written, stand in a text."""
    digits = re.sub(r"\D", "", value)
    told = re.sub(r"[\s,.\-()]", "", re.sub("|".join(_NUMBERS[:10]), _digit, text.casefold()))
    return any(digits[place : place + _LEAK] in told for place in range(len(digits) - _LEAK + 1))


def _digit(found: re.Match[str]) -> str:
    return str(_NUMBERS.index(found.group()))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def marks(said: Sequence[Said], turns: Sequence[Mapping[str, Any]]) -> Hits:
    """Redactions in the turns; right where the same person says personal data at that time."""
    names = named(said, turns)
    private = [each for each in said if each.line.personal]
    found = right = 0
    for turn in turns:
        count = words(turn["text"]).count(MARK)
        found += count
        right += count if _overlap(private, turn, names) > 0 else 0
    return Hits(right, right, found)


def labels(true: Iterable[str], found: Iterable[str]) -> Hits:
    """Category names."""
    expected, given = set(true), set(found)
    return Hits(len(expected & given), len(expected), len(given))


def answers(yes: Collection[str], asked: Iterable[str], given: Iterable[Mapping[str, Any]]) -> Hits:
    """Questions of the rubric with the right answer, yes or no; unclear or no answer is wrong."""
    told = {each["id"]: each["answer"] for each in given}
    wanted = {question: "yes" if question in yes else "no" for question in asked}
    right = sum(told.get(question) == answer for question, answer in wanted.items())
    return Hits(right, len(wanted), len(told))


def signs(true: Mapping[str, str], result: Mapping[str, Any]) -> Hits:
    """Speakers whose sentiment has the true sign; neutral and mixed are 0."""
    told = {who: result[f"sentiment_{who}"] for who in true}
    right = sum(label is not None and _sign(label) == _sign(true[who].upper()) for who, label in told.items())
    return Hits(right, len(true), sum(label is not None for label in told.values()))


def _sign(label: str) -> int:
    return _SIGNS.get(label, 0)
