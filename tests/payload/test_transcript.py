"""Transcribe's documents, old and new, become phrases and turns."""

from __future__ import annotations

import copy

import pytest

from cci_lite.payload.processor.transcript import clean, read

from .world import CALL, SILENCE, spoken


def said(document: dict, agent: int | None = 0) -> list[tuple[str, str]]:
    return [(each.speaker, each.text) for each in read(document, agent).turns]


def test_the_tenant_says_which_channel_is_the_agent() -> None:
    two = spoken((0, 0, "hello"), (1, 2, "hi"))
    assert said(two, 0) == [("agent", "hello"), ("customer", "hi")]
    assert said(two, 1) == [("customer", "hello"), ("agent", "hi")]
    assert said(two, None) == [("spk_0", "hello"), ("spk_1", "hi")]


def test_turns_are_in_the_order_of_time_across_channels() -> None:
    assert [each.start_s for each in read(CALL, 0).turns] == [0.0, 4.0, 9.0, 13.0]


def test_older_documents_label_speakers_only_in_their_segments() -> None:
    document = spoken((0, 0, "hello"), (1, 2, "hi"), channels=False)
    labels = [
        {"items": [{"start_time": each["start_time"], "speaker_label": each.pop("speaker_label")}]}
        for each in document["results"]["items"]
    ]
    document["results"]["speaker_labels"] = {"segments": labels}
    assert said(document) == [("spk_0", "hello"), ("spk_1", "hi")]


def test_punctuation_stands_close_and_is_no_word() -> None:
    document = spoken((0, 0, "hello there"), channels=False)
    document["results"]["items"].insert(1, {"type": "punctuation", "alternatives": [{"content": ","}]})
    (phrase,) = read(document, None).phrases
    assert (phrase.text, phrase.words) == ("hello, there", 2)


def test_a_pause_ends_a_phrase_but_not_a_turn() -> None:
    found = read(spoken((0, 0, "one"), (0, 5, "two")), 0)
    assert len(found.phrases) == 2
    assert [(each.text, each.end_s, each.words) for each in found.turns] == [("one two", 5.4, 2)]


def test_a_mono_call_in_two_channels_is_read_once_and_said_to_be_doubled() -> None:
    found = read(spoken((0, 0, "hello there"), (1, 0, "hello there")), 0)
    assert found.doubled and [each.text for each in found.turns] == ["hello there"]
    assert not read(CALL, 0).doubled and not read(spoken((0, 0, "only one speaks")), 0).doubled


def test_silence_has_no_phrases() -> None:
    assert read(SILENCE, 0).phrases == ()


def test_a_word_without_its_end_is_refused() -> None:
    document = copy.deepcopy(spoken((0, 0, "hello there"), channels=False))
    del document["results"]["items"][0]["end_time"]
    with pytest.raises(KeyError):
        read(document, 0)


@pytest.mark.parametrize(
    ("raw", "shown"), [("a\0b", "ab"), ("a\nb\u2028c", "a b c"), ("\u202eabc", "abc"), ("<b>", "<b>")]
)
def test_text_is_cleaned(raw: str, shown: str) -> None:
    assert clean(raw) == shown
