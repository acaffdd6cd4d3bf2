"""Transcribe's output document to turns: who said what, when. Pure; imports nothing of AWS.

Shapes: docs.aws.amazon.com/transcribe/latest/dg/{how-input,channel-id-output-batch,diarization-output-batch}.html.
Newer outputs label every item; older ones only list labels in channel_labels or speaker_labels. Both are read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any

from .scripts import gap, joined

#: A pause of one speaker longer than this ends a phrase; seconds.
PAUSE_S = 0.8
_SAME_WORDS = 0.9
#: Characters that reverse the direction of what follows: a reader would see other words than were stored.
_TURNERS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True)
class Phrase:
    """Words of one speaker without a long pause. speaker: agent, customer, spk_0 ...; times in seconds."""

    speaker: str
    channel: int | None
    start_s: float
    end_s: float
    text: str
    words: int


@dataclass(frozen=True)
class Transcript:
    """phrases by start time; turns: neighbouring phrases of one speaker joined. doubled: both channels say the same."""

    phrases: tuple[Phrase, ...]
    doubled: bool = False

    @cached_property
    def turns(self) -> tuple[Phrase, ...]:
        return tuple(_joined(list(group)) for _, group in groupby(self.phrases, key=lambda each: each.speaker))

    @property
    def text(self) -> str:
        return joined(each.text for each in self.turns)

    def with_texts(self, texts: Sequence[str]) -> Transcript:
        """The same phrases saying `texts`, one each (after redaction)."""
        pairs = zip(self.phrases, texts, strict=True)
        return replace(self, phrases=tuple(replace(phrase, text=text) for phrase, text in pairs))


def read(document: Mapping[str, Any], agent_channel: int | None) -> Transcript:
    """Reads a transcript. agent_channel names the agent of a two-channel call. Raises KeyError on another document."""
    results = document["results"]
    # A word without anything to show is no speech; Comprehend refuses empty texts.
    items = [each for each in _items(results) if _content(each)]
    doubled = _doubled(items)
    if doubled:
        # A mono call written to both channels: the second copy is noise and says nothing of who spoke.
        items = [{**each, "channel_label": None} for each in items if each.get("channel_label") != "ch_1"]
    phrases = [_phrase(run, agent_channel) for run in _runs(items)]
    return Transcript(tuple(sorted(phrases, key=lambda each: (each.start_s, each.end_s))), doubled)


def clean(text: str) -> str:
    """Without control, direction-override and surrogate characters; line breaks become spaces. HTML stays text."""
    spaced = " ".join(text.split())
    if spaced.isprintable():
        return spaced  # almost every word: a long call has hundreds of thousands
    return "".join(each for each in spaced if unicodedata.category(each) not in ("Cc", "Cs") and each not in _TURNERS)


def _items(results: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The items with channel_label or speaker_label on each."""
    if results.get("channel_labels"):
        for channel in results["channel_labels"]["channels"]:
            for item in channel["items"]:
                yield {**item, "channel_label": channel["channel_label"]}
        return
    labels = _speakers(results.get("speaker_labels") or {})
    speaker = "spk_0"
    for item in results.get("items", ()):
        # Punctuation has no time: it belongs to whoever spoke last.
        speaker = item.get("speaker_label") or labels.get(item.get("start_time", ""), speaker)
        yield {**item, "speaker_label": speaker}


def _speakers(labels: Mapping[str, Any]) -> dict[str, str]:
    segments = labels.get("segments", ())
    return {each["start_time"]: each["speaker_label"] for segment in segments for each in segment.get("items", ())}


def _doubled(items: Iterable[Mapping[str, Any]]) -> bool:
    heard: dict[str, set[tuple[str, int]]] = {}
    for item in items:
        if "start_time" in item and item.get("channel_label"):
            moment = (_content(item).lower(), round(float(item["start_time"])))
            heard.setdefault(item["channel_label"], set()).add(moment)
    if len(heard) != 2:
        return False
    one, other = heard.values()
    return len(one & other) >= _SAME_WORDS * max(len(one), len(other))


def _content(item: Mapping[str, Any]) -> str:
    alternatives = item.get("alternatives") or [{"content": ""}]
    return clean(str(alternatives[0].get("content", "")))


def _who(item: Mapping[str, Any]) -> str:
    return str(item.get("channel_label") or item.get("speaker_label") or "spk_0")


def _runs(items: Iterable[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Items of one label without a long pause, each run beginning with a spoken word."""
    runs: list[list[dict[str, Any]]] = []
    for item in items:
        if runs and not _breaks(runs[-1], item):
            runs[-1].append(item)
        elif "start_time" in item:
            runs.append([item])
    return runs


def _breaks(run: Sequence[Mapping[str, Any]], item: Mapping[str, Any]) -> bool:
    if _who(run[-1]) != _who(item):
        return True
    last = next(each for each in reversed(run) if "start_time" in each)
    return "start_time" in item and float(item["start_time"]) - float(last["end_time"]) > PAUSE_S


def _phrase(run: Sequence[Mapping[str, Any]], agent_channel: int | None) -> Phrase:
    spoken = [each for each in run if "start_time" in each]
    text = ""
    for each in run:
        word = _content(each)
        text += ("" if each.get("type") == "punctuation" else gap(text, word)) + word
    channel = _channel(run[0])
    return Phrase(
        speaker=_name(_who(run[0]), channel, agent_channel),
        channel=channel,
        start_s=float(spoken[0]["start_time"]),
        end_s=max(float(each["end_time"]) for each in spoken),
        text=text,
        words=len(spoken),
    )


def _channel(item: Mapping[str, Any]) -> int | None:
    label = str(item.get("channel_label") or "")
    return int(label.removeprefix("ch_")) if label.removeprefix("ch_").isdigit() else None


def _name(label: str, channel: int | None, agent_channel: int | None) -> str:
    """Who spoke is only said when the tenant said which channel is the agent's; never guessed."""
    if channel is None:
        return label
    if agent_channel is None:
        return f"spk_{channel}"
    return "agent" if channel == agent_channel else "customer"


def _joined(phrases: Sequence[Phrase]) -> Phrase:
    return replace(
        phrases[0],
        end_s=max(each.end_s for each in phrases),
        text=joined(each.text for each in phrases),
        words=sum(each.words for each in phrases),
    )
