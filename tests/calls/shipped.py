"""The shipped call as the evaluation's calls are: with what was said when, and its truth. espeak-ng is not needed."""

from __future__ import annotations

import wave
from itertools import pairwise

import numpy as np
import yaml

from cci_lite import sample
from tests.calls.recordings import Recording, Said
from tests.calls.scripts import Line, Script, Truth

CATEGORIES = frozenset({"call back", "refund", "thanks"})
TRUTH = Truth("resolved", CATEGORIES, {"agent": "neutral"}, frozenset({"greeting", "empathy", "next_step"}))
#: Of 32767: what is quieter is the pause between two turns.
SOUND = 160


def recording() -> Recording:
    """Its turns follow each other on two channels, so each sounds from the change to it until the next change."""
    with wave.open(str(sample.RECORDING)) as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data, "<i2").reshape(-1, 2)
    places, channels = np.nonzero(np.abs(samples) > SOUND)
    bounds = [0, *(np.flatnonzero(np.diff(channels)) + 1), len(places)]
    told = yaml.safe_load(sample.SCRIPT.read_text(encoding="utf-8"))["turns"]
    said = [
        Said(Line(turn["speaker"], turn["text"]), float(places[first] / rate), float(places[after - 1] / rate))
        for turn, (first, after) in zip(told, pairwise(bounds), strict=True)
    ]
    script = Script("sample", "The shipped call", "american", {}, [each.line for each in said], TRUTH)
    return Recording(script, sample.RECORDING, said, len(samples) / rate)
