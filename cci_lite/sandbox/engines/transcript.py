"""Timed words to the JSON that Amazon Transcribe writes for a batch job. Pure; imports nothing but the word type.

Shapes: aws-facts 8 and the Transcribe guide's pages channel-id-output-batch, diarization-output-batch and
pii-redaction-output. Times are strings of seconds; punctuation has none; ids count from 0 over the whole call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cci_lite.sandbox.engines.whisper import Word

_MARKS = ".,?!;:"
_SEGMENT_GAP_S = 0.8
_LABELS = ("channel_label", "speaker_label")
_SLOT = ("start_time", "speaker_label", "end_time")


@dataclass(frozen=True)
class Heard:
    """A word and who said it: a channel (`ch_0`), a speaker (`spk_0`), both or neither; `pii` when redacted."""

    word: Word
    channel: str | None = None
    speaker: str | None = None
    pii: str | None = None


def items(heard: Sequence[Heard]) -> list[dict[str, Any]]:
    """AWS's `results.items`: a pronunciation a word, then its closing punctuation marks as items of their own."""
    made: list[dict[str, Any]] = []
    for one in heard:
        for item in _items_of(one):
            made.append({"id": len(made), **item})
    return made


def bare(text: str) -> str:
    """A word without quotes, brackets, dashes and the marks around it."""
    return text.strip(f'"“”()-–—…{_MARKS}')


def _items_of(heard: Heard) -> list[dict[str, Any]]:
    content = bare(heard.word.text)
    marks = [mark for mark in heard.word.text.rstrip('"”)') if mark in _MARKS][-1:]
    if not heard.word.text.rstrip('"”)').endswith(tuple(_MARKS)):
        marks = []
    spoken = [_pronunciation(heard, content)] if content else []
    return spoken + [_punctuation(heard, mark) for mark in marks]


def _pronunciation(heard: Heard, content: str) -> dict[str, Any]:
    said: dict[str, Any] = {"confidence": f"{heard.word.confidence:.3f}", "content": content}
    if heard.pii is not None:
        said = {"content": "[PII]", "redactions": [{"confidence": "0.9999", "type": heard.pii, "category": "PII"}]}
    times = {"start_time": seconds(heard.word.start), "end_time": seconds(heard.word.end)}
    return {"type": "pronunciation", "alternatives": [said], **times, **_labels(heard)}


def _punctuation(heard: Heard, mark: str) -> dict[str, Any]:
    said = {"confidence": "0.0", "content": mark}
    return {"type": "punctuation", "alternatives": [said], **_labels(heard)}


def _labels(heard: Heard) -> dict[str, str]:
    named = {"channel_label": heard.channel, "speaker_label": heard.speaker}
    return {key: value for key, value in named.items() if value is not None}


def text(made: Sequence[dict[str, Any]]) -> str:
    """The running text of items: words by spaces, marks without."""
    out = ""
    for item in made:
        space = "" if not out or item["type"] == "punctuation" else " "
        out += space + item["alternatives"][0]["content"]
    return out


def seconds(value: float) -> str:
    """Seconds as Transcribe writes them: at most two decimals, at least one."""
    short = f"{value:.2f}".rstrip("0")
    return short + "0" if short.endswith(".") else short


def audio_segments(made: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """AWS's `results.audio_segments`: runs of one label without a pause, with the item ids they hold."""
    return [{"id": number, **_segment(run)} for number, run in enumerate(_runs(made))]


def _segment(run: Sequence[dict[str, Any]]) -> dict[str, Any]:
    timed = [item for item in run if "start_time" in item]
    times = {"start_time": timed[0]["start_time"], "end_time": timed[-1]["end_time"]}
    labels = {key: value for key, value in run[0].items() if key in _LABELS}
    return {"transcript": text(run), **times, **labels, "items": [item["id"] for item in run]}


def _runs(made: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    runs: list[list[dict[str, Any]]] = []
    for item in made:
        if runs and not _breaks(runs[-1], item):
            runs[-1].append(item)
        elif "start_time" in item:
            runs.append([item])
    return runs


def _breaks(run: list[dict[str, Any]], item: dict[str, Any]) -> bool:
    if _who(run[-1]) != _who(item):
        return True
    last = next(old for old in reversed(run) if "end_time" in old)
    return "start_time" in item and float(item["start_time"]) - float(last["end_time"]) > _SEGMENT_GAP_S


def _who(item: dict[str, Any]) -> tuple[str | None, str | None]:
    return item.get("channel_label"), item.get("speaker_label")


def channel_labels(made: Sequence[dict[str, Any]], channels: int) -> dict[str, Any]:
    """AWS's `results.channel_labels`: the items again, grouped by channel; a silent channel has none."""
    named = [f"ch_{number}" for number in range(channels)]
    groups = [
        {"channel_label": label, "items": [item for item in made if item.get("channel_label") == label]}
        for label in named
    ]
    return {"channels": groups, "number_of_channels": channels}


def speaker_labels(made: Sequence[dict[str, Any]], channel: str = "ch_0") -> dict[str, Any]:
    """AWS's `results.speaker_labels`: one segment a run of a speaker; its items carry times only."""
    segments = []
    for run in _runs(made):
        timed = [item for item in run if "start_time" in item]
        slots = [{key: item[key] for key in _SLOT} for item in timed]
        segments.append(
            {
                "start_time": timed[0]["start_time"],
                "speaker_label": timed[0]["speaker_label"],
                "end_time": timed[-1]["end_time"],
                "items": slots,
            }
        )
    speakers = len({segment["speaker_label"] for segment in segments})
    return {"segments": segments, "channel_label": channel, "speakers": speakers}
