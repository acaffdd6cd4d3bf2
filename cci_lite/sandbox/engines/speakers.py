"""Who speaks in one-channel audio: phrases grouped by pitch and spectrum. Imports numpy only, when called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cci_lite.sandbox.engines.decode import RATE
from cci_lite.sandbox.engines.whisper import Word

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from cci_lite.sandbox.engines.decode import Samples

    Matrix = NDArray[float64]

_FRAME = 1024
_HOP = 256
_PHRASE_GAP_S = 0.25
_BANDS = 20
# Semitones and decibels that one voice strays within a call, so that pitch and spectrum weigh alike.
_PITCH_SPREAD = 1.5
_SHAPE_SPREAD = 12.0
_APART = 2.0
# Of the words: a laugh or a misjudged phrase is not another person.
_LEAST_SHARE = 0.06


def label(samples: Samples, words: Sequence[Word], max_speakers: int) -> list[int]:
    """The speaker number of each word, 0 for whoever speaks first, below `max_speakers`."""
    if not words:
        return []
    phrases = _phrases(words)
    features = _features(samples, words, phrases)
    groups = _cluster(features, [len(phrase) for phrase in phrases], max_speakers)
    order: dict[int, int] = {}
    labels = [0] * len(words)
    for group, phrase in zip(groups, phrases, strict=True):
        number = order.setdefault(group, len(order))
        for index in phrase:
            labels[index] = number
    return labels


def _phrases(words: Sequence[Word]) -> list[list[int]]:
    """Indices of words said without a pause and within a sentence: hardly two people."""
    phrases: list[list[int]] = []
    for index, word in enumerate(words):
        last = words[index - 1] if index else None
        if last is None or word.start - last.end > _PHRASE_GAP_S or last.text[-1] in ".?!":
            phrases.append([])
        phrases[-1].append(index)
    return phrases


def _features(samples: Samples, words: Sequence[Word], phrases: list[list[int]]) -> Matrix:
    """A row a phrase: pitch in semitones, then the shape of the spectrum; both in units of a voice's own spread."""
    import numpy as np

    rows = []
    for phrase in phrases:
        begin, end = int(words[phrase[0]].start * RATE), int(words[phrase[-1]].end * RATE)
        spectra = _voiced_spectra(samples[begin : max(end, begin + _FRAME)])
        rows.append(np.concatenate([[_pitch(spectra) / _PITCH_SPREAD], _shape(spectra) / _SHAPE_SPREAD]))
    return np.array(rows)


def _voiced_spectra(stretch: Samples) -> Matrix:
    """Power spectra of the louder half of the frames: shape (frames, _FRAME + 1)."""
    import numpy as np

    padded = np.pad(stretch.astype(np.float64), (0, max(0, _FRAME - len(stretch))))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP] * np.hanning(_FRAME)
    energy = (frames**2).sum(axis=1)
    # Twice the frame in zeros, so that the transform back gives the plain autocorrelation.
    return np.asarray(np.abs(np.fft.rfft(frames[energy >= np.median(energy)], 2 * _FRAME)) ** 2)


def _pitch(spectra: Matrix) -> float:
    """The median pitch in semitones above 1 Hz, from the autocorrelation's peak between 70 and 350 Hz."""
    import numpy as np

    correlation = np.fft.irfft(spectra)
    low, high = RATE // 350, RATE // 70
    lags = low + correlation[:, low:high].argmax(axis=1)
    return float(12 * np.log2(RATE / np.median(lags)))


def _shape(spectra: Matrix) -> NDArray[float64]:
    """Mean level in bands of equal width on the mel scale up to 3.8 kHz, in dB, loudness taken out."""
    import numpy as np

    mel = np.linspace(2595 * np.log10(1 + 100 / 700), 2595 * np.log10(1 + 3800 / 700), _BANDS + 1)
    edges = (700 * (10 ** (mel / 2595) - 1) * 2 * _FRAME / RATE).astype(int)
    bands = np.add.reduceat(spectra.mean(axis=0), edges)[:_BANDS]
    level = 10 * np.log10(bands / np.diff(edges) + 1e-12)
    return np.asarray(level - level.mean())


def _cluster(features: Matrix, weights: list[int], most: int) -> list[int]:
    """k-means for one to `most` groups; another group is taken only while it stands apart from the others."""
    import numpy as np

    best = np.zeros(len(features), dtype=int)
    for count in range(2, min(most, len(features)) + 1):
        groups, centres = _k_means(features, np.array(weights, dtype=float), count)
        shares = np.bincount(groups, weights=weights, minlength=count) / sum(weights)
        if shares.min() < _LEAST_SHARE or _separation(features, groups, centres) < _APART:
            break
        best = groups
    return [int(group) for group in best]


def _k_means(features: Matrix, weights: NDArray[float64], count: int) -> tuple[Any, Matrix]:
    """Weighted k-means from the mean's farthest points: no random start, so the same call gives the same labels."""
    import numpy as np

    heavy = features[weights >= np.median(weights)]
    chosen = [heavy[np.linalg.norm(heavy - heavy.mean(axis=0), axis=1).argmax()]]
    while len(chosen) < count:
        chosen.append(heavy[_distances(heavy, np.array(chosen)).min(axis=1).argmax()])
    centres = np.array(chosen)
    for _ in range(30):
        groups = _distances(features, centres).argmin(axis=1)
        for group in set(groups.tolist()):
            mine = groups == group
            centres[group] = np.average(features[mine], axis=0, weights=weights[mine])
    return groups, centres


def _separation(features: Matrix, groups: Any, centres: Matrix) -> float:
    """The least distance between two centres over the typical distance of a phrase from its own."""
    import numpy as np

    own = _distances(features, centres)[np.arange(len(features)), groups]
    between = _distances(centres, centres) + np.diag(np.full(len(centres), np.inf))
    return float(between.min() / max(float(np.median(own)), 1e-9))


def _distances(left: Matrix, right: Matrix) -> Matrix:
    import numpy as np

    return np.asarray(np.linalg.norm(left[:, None, :] - right[None, :, :], axis=2))
