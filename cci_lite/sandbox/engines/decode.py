"""Any audio container to 16 kHz float samples, one array a channel; imports PyAV and numpy only, when called."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Samples = NDArray[float32]

RATE = 16_000
MAX_SECONDS = 4 * 3600
MAX_BYTES = 2 * 1024**3

UNSUPPORTED = "Unsupported media format."
MISMATCH = "The media format provided does not match the detected media format."
BAD_RATE = "Invalid sample rate for audio file."
TOO_LARGE = "Invalid file size: file size too large."
TOO_MANY_CHANNELS = "Invalid number of channels: number of channels too large."
INVALID_DATA = "The data in your input media file isn't valid. Check the media file and try your request again."
NO_AUDIO = "The input media file doesn't contain an audio track."
TOO_LONG = "Invalid audio duration: the audio is longer than the 4 hour limit."

# libavformat's names for the eight formats Transcribe takes (aws-facts 8.17).
_CONTAINERS = {
    "wav": ("wav",),
    "mp3": ("mp3",),
    "flac": ("flac",),
    "ogg": ("ogg",),
    "amr": ("amr",),
    "webm": ("webm", "matroska"),
    "mp4": ("mov", "mp4", "m4a"),
    "m4a": ("mov", "mp4", "m4a"),
}


class BadMedia(Exception):
    """The media cannot be transcribed. `reason` is the FailureReason of the job.

    Where AWS documents the text it is AWS's (API_TranscriptionJob.html), else a sentence of ours.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Audio:
    """Decoded audio: one float32 array in -1..1 a channel, all of one length, at 16 kHz."""

    channels: tuple[Samples, ...]
    sample_rate: int
    media_format: str

    @property
    def seconds(self) -> float:
        return len(self.channels[0]) / RATE

    def mixed(self) -> Samples:
        """The channels averaged into one, as Transcribe does without channel identification."""
        import numpy as np

        return np.asarray(np.mean(np.stack(self.channels), axis=0), dtype=np.float32)


def decode(media: bytes, media_format: str | None = None) -> Audio:
    """Reads the first audio stream of `media`; raises BadMedia when AWS would fail the job."""
    if not media:
        raise BadMedia(INVALID_DATA)
    if len(media) > MAX_BYTES:
        raise BadMedia(TOO_LARGE)
    if media_format is not None and media_format not in _CONTAINERS:
        raise BadMedia(UNSUPPORTED)
    import av

    try:
        with av.open(io.BytesIO(media)) as container:
            return _read(container, media_format)
    # PyAV's own complaint is about frames that change their rate or layout within the stream.
    except (av.error.FFmpegError, ValueError) as error:
        raise BadMedia(INVALID_DATA) from error


def _read(container: Any, media_format: str | None) -> Audio:
    detected = _detected(container.format.name.split(","), media_format)
    if not container.streams.audio:
        raise BadMedia(NO_AUDIO)
    stream = container.streams.audio[0]
    _check(stream)
    blocks = _blocks(container, stream)
    if not blocks:
        raise BadMedia(INVALID_DATA)
    import numpy as np

    samples = np.concatenate(blocks, axis=1)
    return Audio(tuple(np.ascontiguousarray(row) for row in samples), stream.rate, detected)


def _detected(names: list[str], wanted: str | None) -> str:
    """The Transcribe format of a libavformat name list; a wanted format must be among them."""
    fits = [known for known, aliases in _CONTAINERS.items() if set(aliases) & set(names)]
    if not fits:
        raise BadMedia(UNSUPPORTED)
    if wanted is None:
        return fits[0]
    if wanted not in fits:
        raise BadMedia(MISMATCH)
    return wanted


def _check(stream: Any) -> None:
    if not 8_000 <= stream.rate <= 48_000:
        raise BadMedia(BAD_RATE)
    if stream.channels > 2:
        raise BadMedia(TOO_MANY_CHANNELS)
    if stream.duration is not None and float(stream.duration * stream.time_base) > MAX_SECONDS:
        raise BadMedia(TOO_LONG)


def _blocks(container: Any, stream: Any) -> list[Any]:
    """Float blocks of shape (channels, n) at 16 kHz. Stops at the length limit: a header may understate it."""
    import av

    resampler = av.AudioResampler(format="fltp", layout="mono" if stream.channels == 1 else "stereo", rate=RATE)
    blocks, total = [], 0
    for frame in _frames(container, stream):
        for out in resampler.resample(frame):
            blocks.append(out.to_ndarray())
            total += out.samples
        if total > MAX_SECONDS * RATE:
            raise BadMedia(TOO_LONG)
    return blocks


def _frames(container: Any, stream: Any) -> Any:
    yield from container.decode(stream)
    yield None  # drains what the resampler still holds
