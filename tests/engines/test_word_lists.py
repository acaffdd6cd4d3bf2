"""Vocabularies and filters in the stand-in for Transcribe: what is masked, and what the model is told to expect."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.sandbox.engines import speech, whisper
from cci_lite.sandbox.engines.whisper import Word
from tests.engines.conftest import JOB, first_seconds, silence


class Recogniser:
    """Hears a given sentence, half a second a word; told: the hints it was given."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        self.told: list[str | None] = []

    def words(self, samples: Any, expected: str | None = None) -> list[Word]:
        self.told.append(expected)
        return [Word(word, i / 2, i / 2 + 0.4, 0.9) for i, word in enumerate(self.sentence.split())]


def text(monkeypatch: pytest.MonkeyPatch, sentence: str, words: Any, **options: Any) -> tuple[str, list[str | None]]:
    recogniser = Recogniser(sentence)
    monkeypatch.setattr(whisper, "words", recogniser.words)
    given = {"media_format": "wav", "language": "en-GB", "words": words, **JOB, **options}
    result = speech.transcribe(silence(2), **given)
    return result["results"]["transcripts"][0]["transcript"], recogniser.told


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("Oh darn, it broke.", "Oh ***, it broke."),
        ("Darn! DARN it.", "***! *** it."),
        ("It is darned and un-darn too.", "It is darned and un-darn too."),
        ('He said "darn".', "He said ***."),
    ],
)
def test_whole_words_of_the_filter_are_masked_whatever_their_case(
    monkeypatch: pytest.MonkeyPatch, sentence: str, shown: str
) -> None:
    assert text(monkeypatch, sentence, {"en-GB": {"known": [], "masked": ["darn"]}})[0] == shown


def test_the_lists_of_another_language_are_left_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"en-US": {"known": ["Acme"], "masked": ["darn"]}}
    assert text(monkeypatch, "Oh darn.", words) == ("Oh darn.", [None])


def test_the_model_is_told_the_phrases_with_spaces(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"en-GB": {"known": ["Los-Angeles", "C.L.I."], "masked": []}}
    assert text(monkeypatch, "Hello.", words)[1] == ["Los Angeles C.L.I."]


def test_personal_data_stays_personal_data(monkeypatch: pytest.MonkeyPatch) -> None:
    words = {"en-US": {"known": [], "masked": ["1111", "darn"]}}
    shown, _ = text(monkeypatch, "Card 4111 1111 1111 1111 darn.", words, language="en-US", redact_pii=True)
    assert shown == "Card [PII] ***."


def test_a_vocabulary_makes_the_recogniser_hear_a_name_as_it_is_written(recording: bytes) -> None:
    greeting = first_seconds(recording, 6)
    vocabulary = {"en-GB": {"known": ["Green-Gardyn"], "masked": []}}
    without, told = (
        speech.transcribe(greeting, media_format="wav", language="en-GB", words=words, **JOB)
        for words in ({}, vocabulary)
    )
    assert "Green Garden" in without["results"]["transcripts"][0]["transcript"]
    assert "Green Gardyn" in told["results"]["transcripts"][0]["transcript"]
