"""Speaks cci_lite/sample/call.yaml into call.wav and truth.txt; needs espeak-ng. Imports nothing of cci_lite.

    python tools/make_sample.py [FOLDER]

The bytes depend only on the script and the version of espeak-ng: no clock, no random numbers, no noise.
"""

from __future__ import annotations

import io
import subprocess
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

SAMPLE = Path(__file__).resolve().parent.parent / "cci_lite" / "sample"
Samples = NDArray[np.float64]


def main(folder: Path) -> None:
    """Reads call.yaml in `folder`, writes call.wav (16 bit stereo) and truth.txt (a line a turn) beside it."""
    call = yaml.safe_load((folder / "call.yaml").read_text(encoding="utf-8"))
    (folder / "call.wav").write_bytes(recording(call))
    (folder / "truth.txt").write_text("".join(turn["text"] + "\n" for turn in call["turns"]), encoding="utf-8")


def recording(call: dict[str, Any]) -> bytes:
    """One turn after the other, each on its speaker's channel, with the script's pause between."""
    rate = call["rate"]
    pause = np.zeros((int(call["pause_s"] * rate), 2))
    parts = [pause]
    for turn in call["turns"]:
        speaker = call["speakers"][turn["speaker"]]
        said = spoken(turn["text"], speaker, rate)
        both = np.zeros((len(said), 2))
        both[:, speaker["channel"]] = said
        parts += [both, pause]
    return as_wav(np.concatenate(parts), rate)


def spoken(text: str, speaker: dict[str, Any], rate: int) -> Samples:
    """The samples of one turn at `rate`, in -1..1, without the silence espeak-ng leaves at its end."""
    voice = ["-v", speaker["voice"], "-s", str(speaker["speed"]), "-p", str(speaker["pitch"])]
    done = subprocess.run(["espeak-ng", *voice, "--stdout", text], check=True, capture_output=True)
    with wave.open(io.BytesIO(done.stdout)) as file:
        # espeak-ng writes to a pipe and cannot go back to put the length in the header: read what is there.
        made_at, data = file.getframerate(), file.readframes(len(done.stdout))
    samples = np.frombuffer(data, dtype="<i2").astype(np.float64) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.005)
    return resampled(samples[: loud[-1] + 1], made_at, rate)


def resampled(samples: Samples, made_at: int, rate: int) -> Samples:
    """Windowed-sinc low-pass below both Nyquist frequencies, then linear reading at `rate`."""
    cutoff = 0.48 * min(made_at, rate) / made_at
    taps = np.arange(-128, 129)
    kernel = 2 * cutoff * np.sinc(2 * cutoff * taps) * np.blackman(len(taps))
    smooth = np.convolve(samples, kernel, mode="same")
    read_at = np.arange(0, len(samples), made_at / rate)
    return np.asarray(np.interp(read_at, np.arange(len(samples)), smooth))


def as_wav(samples: Samples, rate: int) -> bytes:
    """16 bit little-endian WAV; the loudest sample is put at 80 % so that neither channel clips."""
    scaled = np.round(samples / np.abs(samples).max() * 0.8 * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(scaled.tobytes())
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
