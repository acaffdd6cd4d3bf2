"""What the stand-in for Amazon Transcribe promises on the sample call and on recordings without speech."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml

from cci_lite import sample
from cci_lite.sandbox.engines import whisper
from tests.engines.conftest import JOB, first_seconds, silence
from tests.engines.words import accuracy, words

Transcribe = Callable[..., dict[str, Any]]
Result = dict[str, Any]


def spoken(result: Result) -> str:
    return str(result["results"]["transcripts"][0]["transcript"])


@pytest.mark.parametrize("kind", ["stereo", "mono"])
def test_85_of_100_words_of_the_sample_are_right(kind: str, request: pytest.FixtureRequest) -> None:
    heard = words(spoken(request.getfixturevalue(kind)))
    assert accuracy(words(sample.TRUTH.read_text(encoding="utf-8")), heard) >= 0.85


def test_each_channel_holds_the_words_of_its_speaker(stereo: Result) -> None:
    turns = yaml.safe_load(sample.SCRIPT.read_text(encoding="utf-8"))["turns"]
    for label, speaker in (("ch_0", "agent"), ("ch_1", "customer")):
        said = words(" ".join(turn["text"] for turn in turns if turn["speaker"] == speaker))
        assert accuracy(said, words(of_channel(stereo, label))) >= 0.85


def of_channel(result: Result, label: str) -> str:
    channel = next(one for one in result["results"]["channel_labels"]["channels"] if one["channel_label"] == label)
    return " ".join(item["alternatives"][0]["content"] for item in channel["items"])


def test_speaker_labels_agree_with_the_channels_the_words_were_said_on(stereo: Result, mono: Result) -> None:
    channels = [
        (float(item["start_time"]), float(item["end_time"]), item["channel_label"])
        for item in stereo["results"]["items"]
        if item["type"] == "pronunciation"
    ]
    pairs = [
        (item["speaker_label"], label)
        for item in mono["results"]["items"]
        if item["type"] == "pronunciation"
        for begin, end, label in channels
        if begin <= (float(item["start_time"]) + float(item["end_time"])) / 2 <= end
    ]
    right = sum(speaker.removeprefix("spk_") == channel.removeprefix("ch_") for speaker, channel in pairs)
    assert len(pairs) > 100
    assert right / len(pairs) >= 0.95


def test_the_output_names_the_job_the_account_and_its_status(stereo: Result) -> None:
    assert stereo["jobName"] == JOB["job_name"]
    assert stereo["accountId"] == JOB["account"]
    assert stereo["status"] == "COMPLETED"


def test_items_are_timed_words_and_untimed_marks_in_order(stereo: Result) -> None:
    items = stereo["results"]["items"]
    starts = [float(item["start_time"]) for item in items if item["type"] == "pronunciation"]
    assert [item["id"] for item in items] == list(range(len(items)))
    assert starts == sorted(starts)
    assert all("start_time" not in item for item in items if item["type"] == "punctuation")
    assert all(isinstance(item["alternatives"][0]["confidence"], str) for item in items)
    assert {item["type"] for item in items} == {"pronunciation", "punctuation"}


def test_channel_identification_gives_two_channels_and_no_speakers(stereo: Result) -> None:
    results = stereo["results"]
    assert results["channel_labels"]["number_of_channels"] == 2
    assert "speaker_labels" not in results
    assert sum(len(one["items"]) for one in results["channel_labels"]["channels"]) == len(results["items"])


def test_speaker_segments_cover_every_word_of_their_speaker(mono: Result) -> None:
    labels = mono["results"]["speaker_labels"]
    slots = [slot for segment in labels["segments"] for slot in segment["items"]]
    spoken_items = [item for item in mono["results"]["items"] if item["type"] == "pronunciation"]
    assert labels["speakers"] == 2
    assert [slot["start_time"] for slot in slots] == [item["start_time"] for item in spoken_items]
    assert {slot["speaker_label"] for slot in slots} == {"spk_0", "spk_1"}


def test_audio_segments_hold_every_item_once(stereo: Result) -> None:
    held = [number for segment in stereo["results"]["audio_segments"] for number in segment["items"]]
    assert held == [item["id"] for item in stereo["results"]["items"]]


def test_an_identified_language_is_named_with_a_score_for_each_option(stereo: Result) -> None:
    assert stereo["results"]["language_code"] == "en-GB"
    assert [one["code"] for one in stereo["results"]["language_identification"]] == ["en-GB", "en-US"]


def test_a_given_language_is_repeated_without_identification(mono: Result) -> None:
    assert mono["results"]["language_code"] == "en-US"
    assert "language_identification" not in mono["results"]


@pytest.mark.parametrize("options", [{"channel_identification": True}, {"speaker_labels": True}, {}])
def test_a_silent_recording_has_an_empty_transcript(transcribe: Transcribe, options: dict[str, bool]) -> None:
    result = transcribe(silence(40, channels=2), **options)
    assert spoken(result) == ""
    assert result["results"]["items"] == []


def test_importing_the_engines_loads_no_model_and_no_numbers() -> None:
    code = (
        "import sys; from cci_lite.sandbox.engines import model, speech, text;"
        "print(sorted({'numpy', 'av', 'faster_whisper', 'ctranslate2', 'vaderSentiment'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_two_threads_hear_what_each_was_given(recording: bytes, transcribe: Transcribe) -> None:
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(transcribe, [first_seconds(recording, 3), first_seconds(recording, 6)])
    assert spoken(one).startswith("Good morning") and len(spoken(one)) < len(spoken(other))
    assert spoken(other).startswith("Good morning")


def test_the_same_recording_is_listened_to_once(
    recording: bytes, transcribe: Transcribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = first_seconds(recording, 3)
    first = transcribe(clip)
    monkeypatch.setattr(whisper, "_listen", lambda *_: pytest.fail("listened again"))
    assert transcribe(clip) == first
