"""Recordings and their transcripts, each made once a session: recognition takes seconds."""

from __future__ import annotations

import io
import wave
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cci_lite import sample
from cci_lite.sandbox.engines import speech

JOB = {"job_name": "cci-lite-0123456789abcdef0123", "account": "111122223333"}


def wav(channels: np.ndarray, rate: int = 8_000) -> bytes:
    """16 bit WAV of float samples, shape (channels, n)."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((channels.T * 32767).astype("<i2").tobytes())
    return out.getvalue()


def silence(seconds: float, channels: int = 1, rate: int = 8_000) -> bytes:
    return wav(np.zeros((channels, int(seconds * rate))), rate)


def one_channel(stereo: bytes) -> bytes:
    """The two channels of a WAV mixed to one."""
    with wave.open(io.BytesIO(stereo)) as file:
        rate, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data, "<i2").reshape(-1, 2).mean(axis=1) / 32768
    return wav(samples[None, :], rate)


def first_seconds(media: bytes, seconds: int) -> bytes:
    out = io.BytesIO()
    with wave.open(io.BytesIO(media)) as file, wave.open(out, "wb") as cut:
        cut.setparams(file.getparams())
        cut.writeframes(file.readframes(seconds * file.getframerate()))
    return out.getvalue()


@pytest.fixture(scope="session")
def recording() -> bytes:
    return sample.RECORDING.read_bytes()


@pytest.fixture(scope="session")
def transcribe() -> Callable[..., dict[str, Any]]:
    def run(media: bytes, **options: Any) -> dict[str, Any]:
        return speech.transcribe(media, **{"media_format": "wav", "language": "en-US", **JOB, **options})

    return run


@pytest.fixture(scope="session")
def stereo(recording: bytes, transcribe: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return transcribe(recording, channel_identification=True, language=None, language_options=("en-GB", "en-US"))


@pytest.fixture(scope="session")
def mono(recording: bytes, transcribe: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return transcribe(one_channel(recording), speaker_labels=True)
