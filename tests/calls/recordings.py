"""Scripts to recordings with the times of every line, by espeak-ng. Imports the sample call's voice and the scripts.

The bytes depend only on the script and the version of espeak-ng: noise comes from the script's name.
"""

from __future__ import annotations

import hashlib
import io
import json
import wave
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.calls.scripts import SPEAKERS, Line, Script, Voice
from tools import make_sample

RATE = 16_000
LEAD_S = 0.5
_LOUD = 0.005
Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """A line and when it is heard, in seconds."""

    line: Line
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Recording:
    """A WAV file and what is true of it."""

    script: Script
    path: Path
    said: Sequence[Said]
    duration_s: float


def make(script: Script, folder: Path) -> Recording:
    """The recording in `folder`, made once for each content of the script; needs espeak-ng."""
    digest = hashlib.sha256(json.dumps(asdict(script), sort_keys=True, default=sorted).encode()).hexdigest()[:8]
    path = folder / f"{script.name}-{digest}.wav"
    spoken = [voiced(line.spoken, script.voices[line.speaker]) for line in script.lines]
    said = placed(script.lines, [len(each) / RATE for each in spoken])
    mixed = mix(script, said, spoken)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_wav(mixed))
    return Recording(script, path, said, len(mixed) / RATE)


@cache
def voiced(text: str, voice: Voice) -> Samples:
    """The samples of a line, from its first sound to its last."""
    samples = make_sample.spoken(text, asdict(voice), RATE)
    return samples[np.flatnonzero(np.abs(samples) > _LOUD)[0] :]


def placed(lines: Sequence[Line], lengths_s: Sequence[float]) -> list[Said]:
    """When each line is heard: its gap after the end of the line before it."""
    said: list[Said] = []
    end = LEAD_S
    for line, length in zip(lines, lengths_s, strict=True):
        start = max(0.0, end + line.gap_s) if said else LEAD_S
        end = start + length
        said.append(Said(line, start, end))
    return said


def mix(script: Script, said: Sequence[Said], spoken: Sequence[Samples]) -> Samples:
    """Shape (n, channels) in -1..1: the agent on channel 0, the customer on channel 1, or both on the only one."""
    mixed = np.zeros((int((max(each.end_s for each in said) + LEAD_S) * RATE), script.channels))
    for each, samples in zip(said, spoken, strict=True):
        begin = round(each.start_s * RATE)
        mixed[begin : begin + len(samples), SPEAKERS.index(each.line.speaker) % script.channels] += samples
    if script.noise_db is not None:
        noise = np.random.default_rng(zlib.crc32(script.name.encode())).standard_normal(mixed.shape)
        mixed += 10 ** (script.noise_db / 20) * noise
    return mixed / max(1.0, float(np.abs(mixed).max()))


def as_wav(samples: Samples, rate: int = RATE) -> bytes:
    """16 bit WAV of samples of shape (n, channels) in -1..1."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(samples * 32767).astype("<i2").tobytes())
    return out.getvalue()


def interruptions(said: Sequence[Said], least_s: float = 0.3) -> list[dict[str, Any]]:
    """Who began while the other had at least `least_s` seconds to go, in the shape of a result's `interruptions`."""
    return [
        {"by": each.line.speaker, "at_s": each.start_s}
        for place, each in enumerate(said)
        if any(
            other.line.speaker != each.line.speaker and other.end_s - each.start_s >= least_s for other in said[:place]
        )
    ]
