"""Media that Amazon Transcribe refuses fails here with a reason, and every container it takes is read."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import av
import numpy as np
import pytest

from cci_lite.sandbox.engines import decode as decoding
from cci_lite.sandbox.engines.decode import decode
from cci_lite.sandbox.engines.speech import BadMedia
from tests.engines.conftest import silence

Transcribe = Callable[..., dict[str, Any]]

MISMATCH = "The media format provided does not match the detected media format."
INVALID = "The data in your input media file isn't valid."


def picture_only() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(frame.reformat(format="yuv420p")))
        container.mux(stream.encode(None))
    return out.getvalue()


@pytest.mark.parametrize(
    ("media", "options", "reason"),
    [
        (b"", {}, INVALID),
        (b"not a recording at all " * 40, {}, INVALID),
        (b"RIFF\x00\x00\x00\x00WAVE", {}, INVALID),
        (silence(2), {"media_format": "mp3"}, MISMATCH),
        (silence(2), {"media_format": "aiff"}, "Unsupported media format."),
        (silence(0.3), {}, "The input media file length is too small."),
        (silence(2), {"channel_identification": True}, "Channel identification needs audio with two channels"),
        (silence(29), {"language": None}, "Your audio file must have a speech segment long enough in duration"),
        (silence(2, rate=96_000), {}, "Invalid sample rate for audio file."),
        (silence(2, rate=6_000), {}, "Invalid sample rate for audio file."),
        (silence(2, channels=3), {}, "Invalid number of channels: number of channels too large."),
        (silence(2), {"language": "de-DE"}, "The sandbox transcribes English only; the language asked for is de-DE."),
        (silence(31), {"language": None, "language_options": ("fr-FR", "de-DE")}, "The sandbox transcribes English"),
    ],
)
def test_bad_media_fails_with_its_reason(
    transcribe: Transcribe, media: bytes, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadMedia) as failed:
        transcribe(media, **options)
    assert failed.value.reason.startswith(reason)


@pytest.mark.parametrize("media_format", ["wav", "webm"])
def test_audio_beyond_the_longest_duration_fails(
    transcribe: Transcribe, monkeypatch: pytest.MonkeyPatch, media_format: str
) -> None:
    assert decoding.MAX_SECONDS == 4 * 3600
    monkeypatch.setattr(decoding, "MAX_SECONDS", 1)
    media = silence(2) if media_format == "wav" else encoded("webm", "libopus", 48_000)
    with pytest.raises(BadMedia) as failed:
        transcribe(media, media_format=media_format)
    assert failed.value.reason.startswith("Invalid audio duration")


def test_a_stream_that_changes_its_rate_fails(transcribe: Transcribe) -> None:
    changing = b"".join(encoded("mp3", "libmp3lame", rate, **BARE) for rate in (44_100, 16_000))
    with pytest.raises(BadMedia) as failed:
        transcribe(changing, media_format="mp3")
    assert failed.value.reason.startswith(INVALID)


def test_a_video_without_sound_fails(transcribe: Transcribe) -> None:
    with pytest.raises(BadMedia) as failed:
        transcribe(picture_only(), media_format="mp4")
    assert "audio track" in failed.value.reason


@pytest.mark.parametrize(
    ("container", "codec", "rate", "media_format"),
    [
        ("wav", "pcm_s16le", 48_000, "wav"),
        ("wav", "pcm_mulaw", 8_000, "wav"),
        ("mp3", "libmp3lame", 16_000, "mp3"),
        ("mp4", "aac", 44_100, "mp4"),
        ("ipod", "aac", 44_100, "m4a"),
        ("flac", "flac", 16_000, "flac"),
        ("ogg", "libopus", 48_000, "ogg"),
        ("webm", "libopus", 48_000, "webm"),
    ],
)
def test_every_container_is_read_as_two_channels_of_its_length(
    container: str, codec: str, rate: int, media_format: str
) -> None:
    media = encoded(container, codec, rate)
    audio = decode(media, media_format)
    assert len(audio.channels) == 2
    assert audio.seconds == pytest.approx(2.0, abs=0.15)
    assert np.abs(audio.channels[0]).max() > 0.2
    assert np.abs(audio.channels[1]).max() < 0.05
    assert decode(media).channels[0].shape == audio.channels[0].shape


#: MP3 frames and nothing before them.
BARE = {"write_xing": "0", "id3v2_version": "0"}


def encoded(container: str, codec: str, rate: int, **options: str) -> bytes:
    """Two seconds with a tone on the left channel only."""
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate)
    frame = av.AudioFrame.from_ndarray(
        (np.stack([tone, 0 * tone], axis=1) * 32767).astype("<i2").reshape(1, -1), format="s16", layout="stereo"
    )
    frame.sample_rate = rate
    out = io.BytesIO()
    with av.open(out, "w", format=container, options=options) as file:
        stream = file.add_stream(codec, rate=rate, layout="stereo")
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return out.getvalue()
