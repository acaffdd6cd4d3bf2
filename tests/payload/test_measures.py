"""Talk, silence, interruptions and pace, by hand-counted calls."""

from __future__ import annotations

import pytest

from cci_lite.payload.processor.measures import Interruption, interruptions, silence, talk, words_per_minute
from cci_lite.payload.processor.transcript import Phrase


def phrase(speaker: str, start: float, end: float, words: int = 1) -> Phrase:
    return Phrase(speaker, None, start, end, "x", words)


def test_talk_is_summed_by_speaker() -> None:
    assert talk([phrase("a", 0, 2), phrase("b", 2, 3), phrase("a", 3, 4.5)]) == {"a": 3.5, "b": 1}


@pytest.mark.parametrize(
    ("spoken", "duration", "expected"),
    [
        ([], 10.0, (10.0, 10.0)),
        ([(0, 10)], 10.0, (0.0, 0.0)),
        ([(1, 2), (5, 6)], 10.0, (8.0, 4.0)),
        ([(0, 5), (1, 2), (6, 10)], 10.0, (1.0, 1.0)),
        ([(0, 5)], 4.0, (0.0, 0.0)),
    ],
)
def test_silence_is_when_nobody_speaks(
    spoken: list[tuple[float, float]], duration: float, expected: tuple[float, float]
) -> None:
    assert silence([phrase("a", *each) for each in spoken], duration) == expected


def test_who_begins_while_another_goes_on_interrupts() -> None:
    assert interruptions([phrase("a", 0, 5), phrase("b", 3, 4)]) == [Interruption("b", 3)]


def test_a_short_overlap_or_ones_own_phrase_is_no_interruption() -> None:
    assert interruptions([phrase("a", 0, 5), phrase("b", 4.8, 6)]) == []
    assert interruptions([phrase("a", 0, 5), phrase("a", 3, 6)]) == []


def test_pace_counts_words_by_own_talk() -> None:
    spoken = [phrase("a", 0, 30, 60), phrase("b", 30, 30, 5)]
    assert words_per_minute(spoken) == {"a": 120.0}
