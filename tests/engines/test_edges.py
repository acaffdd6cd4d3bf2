"""Words begin and end where sound does: what a recogniser's attention gets wrong by a quarter of a second."""

from __future__ import annotations

import numpy as np
import pytest

from cci_lite.sandbox.engines import edges
from cci_lite.sandbox.engines.whisper import Word

RATE = 16_000


def sound(*spans: tuple[float, float], noise: float = 0.0, seconds: float = 4.0) -> np.ndarray:
    """A tone in each span, over noise that is the same every time."""
    samples = noise * np.random.default_rng(1).standard_normal(int(seconds * RATE))
    for begin, end in spans:
        count = round((end - begin) * RATE)
        samples[round(begin * RATE) :][:count] += 0.5 * np.sin(np.arange(count) * 2 * np.pi * 200 / RATE)
    return samples.astype(np.float32)


def times(samples: np.ndarray, *spans: tuple[float, float]) -> list[tuple[float, float]]:
    words = [Word("word", begin, end, 1.0) for begin, end in spans]
    return [(each.start, each.end) for each in edges.tightened(words, samples)]


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("given", [(0.8, 2.3), (1.2, 1.8), (0.8, 1.8), (1.2, 2.3)])
def test_a_word_is_as_long_as_its_sound(given: tuple[float, float], noise: float) -> None:
    assert times(sound((1.0, 2.0), noise=noise), given) == [(1.0, 2.0)]


def test_a_closure_inside_a_word_does_not_end_it() -> None:
    assert times(sound((1.0, 1.4), (1.48, 2.0)), (1.6, 1.9)) == [(1.2, 2.0)]
    assert times(sound((1.0, 1.4), (1.6, 2.0)), (1.7, 1.9)) == [(1.6, 2.0)]


def test_a_word_does_not_reach_into_its_neighbours() -> None:
    assert times(sound((1.0, 3.0)), (1.0, 1.8), (2.0, 3.0)) == [(1.0, 2.0), (2.0, 3.0)]


def test_a_word_grows_by_no_more_than_the_farthest_that_attention_errs() -> None:
    assert times(sound((0.5, 4.0)), (2.0, 2.5)) == [(1.6, 2.9)]


def test_steady_noise_is_no_sound() -> None:
    assert times(sound(noise=0.1), (1.0, 2.0)) == [(1.0, 2.0)]


def test_a_word_without_sound_and_words_without_samples_keep_their_times() -> None:
    assert times(sound(), (1.0, 2.0)) == [(1.0, 2.0)]
    assert times(sound(seconds=0.0), (1.0, 2.0)) == [(1.0, 2.0)]
