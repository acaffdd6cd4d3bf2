"""Word times moved to where sound begins and ends, as a recogniser that times phones gives them. Imports numpy only.

The small model times a word by attention: beside a pause it is up to a quarter of a second too long or too short.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import bool_
    from numpy.typing import NDArray

    from cci_lite.sandbox.engines.decode import Samples
    from cci_lite.sandbox.engines.whisper import Word

_RATE = 16_000
_FRAME_S = 0.01
#: Under this share of the loudest speech a frame is a pause.
_QUIET = 0.02
_OVER_NOISE = 2.0
#: The longest closure of a consonant.
_CLOSURE_S = 0.1
#: A word grows by no more than this: noise would let it grow for ever.
_FARTHEST_S = 0.4


def tightened(words: Sequence[Word], samples: Samples) -> list[Word]:
    """The same words; none reaches into its neighbours, and one without any sound keeps its times."""
    loud = _loud(samples)
    made: list[Word] = []
    for place, word in enumerate(words):
        floor = made[-1].end if made else 0.0
        ceiling = words[place + 1].start if place + 1 < len(words) else len(loud) * _FRAME_S
        made.append(_moved(word, loud, floor, ceiling))
    return made


def _loud(samples: Samples) -> NDArray[bool_]:
    """Whether each frame sounds: louder than a pause and than steady noise. Closures inside words count as sound."""
    import numpy as np

    size = int(_RATE * _FRAME_S)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    if not len(frames):
        return np.zeros(0, dtype=bool)
    level = np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1))
    loud = level > max(_QUIET * np.quantile(level, 0.99), _OVER_NOISE * np.quantile(level, 0.1))
    sounding = np.flatnonzero(loud)
    for left, right in pairwise(sounding):
        if (right - left) * _FRAME_S <= _CLOSURE_S:
            loud[left:right] = True
    return np.asarray(loud)


def _moved(word: Word, loud: NDArray[bool_], floor: float, ceiling: float) -> Word:
    first, last = round(word.start / _FRAME_S), round(word.end / _FRAME_S)
    sounding = loud[first:last].nonzero()[0]
    if not len(sounding):
        return word
    begin, end = first + int(sounding[0]), first + int(sounding[-1]) + 1
    if begin == first:
        begin = _walk(loud, begin, -1, max(floor, word.start - _FARTHEST_S))
    if end == last:
        end = _walk(loud, end, 1, min(ceiling, word.end + _FARTHEST_S))
    return replace(word, start=round(begin * _FRAME_S, 2), end=round(end * _FRAME_S, 2))


def _walk(loud: NDArray[bool_], edge: int, step: int, limit_s: float) -> int:
    """The edge moved through sounding frames, at most to limit_s; an edge lies before the frame of its number."""
    limit = round(limit_s / _FRAME_S)
    while edge != limit and 0 < edge < len(loud) and loud[edge - 1 if step < 0 else edge]:
        edge += step
    return edge
