"""The sandbox's Amazon Transcribe: recorded speech to the job's output JSON. Heavy imports happen on the first call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cci_lite.sandbox.engines import pii, speakers, transcript, whisper
from cci_lite.sandbox.engines.decode import Audio, BadMedia, decode
from cci_lite.sandbox.engines.transcript import Heard

__all__ = ["BadMedia", "transcribe"]

MIN_SECONDS = 0.5
MIN_IDENTIFY_SECONDS = 30.0

TOO_SHORT = (
    "The input media file length is too small. Minimum audio duration is 0.500000 seconds. "
    "Check the length of the file and try your request again."
)
CANNOT_IDENTIFY = (
    "Your audio file must have a speech segment long enough in duration to perform automatic language "
    "identification. Provide an audio file with someone speaking for a longer period of time and try your request "
    "again."
)
ONE_CHANNEL = "Channel identification needs audio with two channels; the input media file has one."
ENGLISH_ONLY = "The sandbox transcribes English only; the language asked for is {language}."


def transcribe(
    media: bytes,
    *,
    media_format: str | None,
    language: str | None,
    language_options: tuple[str, ...] = (),
    channel_identification: bool = False,
    speaker_labels: bool = False,
    max_speakers: int = 2,
    redact_pii: bool = False,
    words: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    job_name: str,
    account: str,
) -> dict[str, Any]:
    """The whole output file of a batch job (Transcribe guide, "Data input and output").

    `language` None means IdentifyLanguage among `language_options`; words: a language's vocabulary ("known") and
    filter ("masked"). Raises BadMedia with the job's FailureReason.
    """
    audio = decode(media, media_format)
    _check(audio, language, language_options, channel_identification)
    asked_speakers = max_speakers if speaker_labels else None
    told = (words or {}).get(_language(language, language_options)["language_code"], {})
    hints = whisper.hints(told.get("known", ()))
    heard = _by_channel(audio, hints) if channel_identification else _mixed(audio, asked_speakers, hints)
    if redact_pii:
        heard = _redacted(heard)
    heard = _masked(heard, told.get("masked", ()))
    results = _results(heard, len(audio.channels) if channel_identification else None, speaker_labels)
    results |= _language(language, language_options)
    redacted = {"isRedacted": True} if redact_pii else {}
    return {"jobName": job_name, "accountId": account, **redacted, "status": "COMPLETED", "results": results}


def _check(audio: Audio, language: str | None, options: tuple[str, ...], channel_identification: bool) -> None:
    if audio.seconds < MIN_SECONDS:
        raise BadMedia(TOO_SHORT)
    if channel_identification and len(audio.channels) < 2:
        raise BadMedia(ONE_CHANNEL)
    if language is None and audio.seconds < MIN_IDENTIFY_SECONDS:
        raise BadMedia(CANNOT_IDENTIFY)
    wanted = (language,) if language is not None else options
    if wanted and not any(code.startswith("en-") for code in wanted):
        raise BadMedia(ENGLISH_ONLY.format(language=", ".join(wanted)))


def _by_channel(audio: Audio, hints: str | None) -> list[Heard]:
    heard = [
        Heard(word, channel=f"ch_{number}")
        for number, samples in enumerate(audio.channels)
        for word in whisper.words(samples, hints)
    ]
    return sorted(heard, key=lambda one: one.word.start)


def _mixed(audio: Audio, max_speakers: int | None, hints: str | None) -> list[Heard]:
    samples = audio.mixed()
    words = whisper.words(samples, hints)
    if max_speakers is None:
        return [Heard(word) for word in words]
    labels = speakers.label(samples, words, max_speakers)
    return [Heard(word, speaker=f"spk_{number}") for word, number in zip(words, labels, strict=True)]


def _masked(heard: list[Heard], words: Sequence[str]) -> list[Heard]:
    """Whole words only, whatever their case; the mark behind a word stays."""
    filtered = {each.casefold() for each in words}
    return [
        _mask(one) if one.pii is None and transcript.bare(one.word.text).casefold() in filtered else one
        for one in heard
    ]


def _mask(one: Heard) -> Heard:
    text = one.word.text
    return replace(one, word=replace(one.word, text=text.replace(transcript.bare(text), "***", 1)))


def _redacted(heard: list[Heard]) -> list[Heard]:
    """Each speaker's words on their own: a number goes on behind the other's "yes", and two never make one."""
    found: dict[int, str | None] = {}
    for who in {(one.channel, one.speaker) for one in heard}:
        places = [place for place, one in enumerate(heard) if (one.channel, one.speaker) == who]
        found |= zip(places, pii.kinds([heard[place].word.text for place in places]), strict=True)
    return _joined([replace(one, pii=found[place]) for place, one in enumerate(heard)])


def _joined(marked: list[Heard]) -> list[Heard]:
    """One `[PII]` for a run of one speaker's words of one kind, spanning their times, as AWS writes it."""
    out: list[Heard] = []
    for one in marked:
        if out and one.pii is not None and _alike(out[-1], one):
            # The last word's text is kept for its closing mark; the content becomes [PII].
            out[-1] = replace(one, word=replace(one.word, start=out[-1].word.start))
        else:
            out.append(one)
    return out


def _alike(left: Heard, right: Heard) -> bool:
    return (left.pii, left.channel, left.speaker) == (right.pii, right.channel, right.speaker)


def _results(heard: list[Heard], channels: int | None, with_speakers: bool) -> dict[str, Any]:
    items = transcript.items(heard)
    results: dict[str, Any] = {"transcripts": [{"transcript": transcript.text(items)}]}
    if channels is not None:
        results["channel_labels"] = transcript.channel_labels(items, channels)
    elif with_speakers:
        results["speaker_labels"] = transcript.speaker_labels(items)
    return results | {"items": items, "audio_segments": transcript.audio_segments(items)}


def _language(language: str | None, options: tuple[str, ...]) -> dict[str, Any]:
    """An identified job says which; the stand-in model knows English, so the first English option it is."""
    if language is not None:
        return {"language_code": language}
    code = next((option for option in options if option.startswith("en-")), "en-US")
    others = [option for option in options if option != code]
    scores = [{"score": "0.98", "code": code}]
    scores += [{"score": f"{0.02 / len(others):.4f}", "code": option} for option in others]
    return {"language_code": code, "language_identification": scores}
