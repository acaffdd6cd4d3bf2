"""The sample call is what its script says, in a form that Amazon Transcribe takes."""

from __future__ import annotations

import wave

import yaml

from cci_lite import sample


def test_truth_is_the_scripts_words() -> None:
    turns = yaml.safe_load(sample.SCRIPT.read_text(encoding="utf-8"))["turns"]
    assert sample.TRUTH.read_text(encoding="utf-8").splitlines() == [turn["text"] for turn in turns]


def test_the_recording_is_long_enough_to_identify_a_language_and_small_enough_to_ship() -> None:
    with wave.open(str(sample.RECORDING)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 2)
        assert 8_000 <= file.getframerate() <= 48_000
        assert 40 <= file.getnframes() / file.getframerate() <= 50
    assert sample.RECORDING.stat().st_size < 2_000_000
