"""Personal data in spoken words: what is found, and what the redacted output of a job looks like."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.sandbox.engines import pii, speech, whisper
from cci_lite.sandbox.engines.whisper import Word
from tests.engines.conftest import JOB, silence


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes the recogniser hear a given sentence, half a second a word."""

    def say(sentence: str) -> dict[str, Any]:
        heard = [Word(word, i / 2, i / 2 + 0.4, 0.9) for i, word in enumerate(sentence.split())]
        monkeypatch.setattr(whisper, "words", lambda *_: heard)
        return speech.transcribe(silence(2), media_format="wav", language="en-US", redact_pii=True, **JOB)

    return say


@pytest.mark.parametrize(
    ("sentence", "redacted"),
    [
        ("My card is 4111 1111 1111 1111, thanks.", "My card is [PII], thanks."),
        ("The card 4111 1111 1111 1112 misheard.", "The card [PII] misheard."),
        ("Call me on 07700 900123 please.", "Call me on [PII] please."),
        ("It is four one one one one one one one, okay?", "It is [PII], okay?"),
        ("Write to jane.doe@example.com today.", "Write to [PII] today."),
        ("My social is 123-45-6789.", "My social is [PII]."),
        ("My PIN is 4821.", "My PIN is [PII]."),
        ("It is 4532, 0151, 1283036, and the code is 123.", "It is [PII], and the code is [PII]."),
        ("We met in 2019, 2020, 2021 and 2022.", "We met in 2019, 2020, 2021 and 2022."),
        ("It cost 1200 pounds in 2026.", "It cost 1200 pounds in 2026."),
    ],
)
def test_card_phone_mail_ssn_and_pin_are_replaced(said: Any, sentence: str, redacted: str) -> None:
    result = said(sentence)
    assert result["isRedacted"] is True
    assert result["results"]["transcripts"][0]["transcript"] == redacted


def test_a_redacted_item_spans_its_words_and_names_the_kind(said: Any) -> None:
    items = said("Card 4111 1111 1111 1111 ok.")["results"]["items"]
    hidden = items[1]
    assert (hidden["start_time"], hidden["end_time"]) == ("0.5", "2.4")
    assert hidden["alternatives"][0]["redactions"][0]["type"] == "CREDIT_DEBIT_NUMBER"
    assert "4111" not in str(items)


def test_a_number_goes_on_behind_the_other_channels_words(monkeypatch: pytest.MonkeyPatch) -> None:
    said = iter(
        [
            [
                Word("4111", 0.0, 0.4, 0.9),
                Word("1111", 0.5, 0.9, 0.9),
                Word("1111", 2, 2.4, 0.9),
                Word("1111.", 2.5, 3, 1),
            ],
            [Word("Yes,", 1.2, 1.6, 0.9), Word("42.", 1.7, 1.9, 0.9)],
        ]
    )
    monkeypatch.setattr(whisper, "words", lambda *_: next(said))
    options: dict[str, Any] = {"media_format": "wav", "language": "en-US", "channel_identification": True}
    result = speech.transcribe(silence(4, channels=2), redact_pii=True, **options, **JOB)
    assert result["results"]["transcripts"][0]["transcript"] == "[PII] Yes, 42. [PII]."


def test_a_call_without_personal_data_is_left_as_it_is(said: Any) -> None:
    assert said("Good morning. How are you?")["results"]["transcripts"][0]["transcript"] == "Good morning. How are you?"


@pytest.mark.parametrize(("digits", "valid"), [("4111111111111111", True), ("4111111111111112", False)])
def test_card_numbers_carry_a_checksum(digits: str, valid: bool) -> None:
    assert pii.luhn(digits) is valid


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("My number is 5, 5, 0, 1, 4, 2, 3, 6, 8.", [("PHONE", "5, 5, 0, 1, 4, 2, 3, 6, 8")]),
        ("Lines 1, 2, 3, 4, 5 and 6.", []),
    ],
)
def test_digits_given_one_by_one_are_a_number_in_any_text(text: str, found: list[tuple[str, str]]) -> None:
    assert [(each.kind, text[each.begin : each.end]) for each in pii.find(text)] == found
