"""Talk, silence, interruptions and pace, from phrases alone. Pure; times in seconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from .transcript import Phrase

#: Overlap shorter than this is a turn being taken, not an interruption; seconds.
OVERLAP_S = 0.3


@dataclass(frozen=True)
class Interruption:
    """by: who began while another was speaking; at_s: when."""

    by: str
    at_s: float


def talk(phrases: Sequence[Phrase]) -> dict[str, float]:
    """Seconds each speaker spoke, pauses inside a phrase included."""
    spoken: dict[str, float] = {}
    for each in phrases:
        spoken[each.speaker] = spoken.get(each.speaker, 0.0) + each.end_s - each.start_s
    return {speaker: round(total, 2) for speaker, total in spoken.items()}


def silence(phrases: Sequence[Phrase], duration_s: float) -> tuple[float, float]:
    """(total, longest) seconds in which nobody spoke, from the first second of the call to its last."""
    gaps, until = [], 0.0
    for each in sorted(phrases, key=lambda phrase: phrase.start_s):
        gaps.append(max(0.0, each.start_s - until))
        until = max(until, each.end_s)
    gaps.append(max(0.0, duration_s - until))
    return round(sum(gaps), 2), round(max(gaps), 2)


def interruptions(phrases: Sequence[Phrase]) -> list[Interruption]:
    """Each phrase that begins while another speaker's goes on for at least OVERLAP_S more."""
    found = []
    ordered = sorted(phrases, key=lambda phrase: phrase.start_s)
    until: dict[str, float] = {}
    for each in ordered:
        others = [end for speaker, end in until.items() if speaker != each.speaker]
        if others and max(others) - each.start_s >= OVERLAP_S:
            found.append(Interruption(each.speaker, round(each.start_s, 2)))
        until[each.speaker] = max(until.get(each.speaker, 0.0), each.end_s)
    return found


def words_per_minute(phrases: Sequence[Phrase]) -> dict[str, float]:
    """Words by minute of own talk; a speaker without measurable talk is left out."""
    words: Counter[str] = Counter()
    for each in phrases:
        words[each.speaker] += each.words
    spoken = talk(phrases)
    return {speaker: round(words[speaker] * 60 / spoken[speaker], 1) for speaker in words if spoken[speaker] > 0}
