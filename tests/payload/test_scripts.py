"""Chinese, Japanese and Thai calls read as they are written: without spaces between words, and found like others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cci_lite.payload.processor.categories import matching
from cci_lite.payload.processor.evidence import where
from cci_lite.payload.processor.scripts import closed, joined
from cci_lite.payload.processor.transcript import Phrase, read

from .test_redo import again, rewrite
from .world import REPLY, World, spoken

JAPANESE = "お 電話 ありがとう ございます 。"


def text(words: str) -> str:
    """What becomes of Transcribe's items."""
    (phrase,) = read(spoken((0, 0.0, words)), 0).phrases
    return phrase.text


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (JAPANESE, "お電話ありがとうございます。"),
        ("羊猫 狗 猪 鸡。 蛇、 牛、", "羊猫狗猪鸡。蛇、牛、"),
        ("ขอ บคุณ ครับ", "ขอบคุณครับ"),
        ("新しい iPhone 15 を 買う", "新しい iPhone 15 を買う"),
        ("안녕하세요 무엇을 도와 드릴까요", "안녕하세요 무엇을 도와 드릴까요"),
        ("Größe XL bitte", "Größe XL bitte"),
    ],
    ids=["ja", "zh", "th", "mixed", "ko", "de"],
)
def test_words_of_scripts_without_spaces_are_not_parted(words: str, shown: str) -> None:
    assert text(words) == shown


def test_phrases_and_turns_are_joined_in_the_same_way() -> None:
    whole = read(spoken((0, 0.0, "はい"), (0, 5.0, "そう です"), (1, 9.0, "どうも")), 0)
    assert [each.text for each in whole.turns] == ["はいそうです", "どうも"] and whole.text == "はいそうですどうも"
    assert joined(["one", "", "two", "三", "四"]) == "one two 三四"


def turn(said: str) -> Phrase:
    return Phrase("agent", 0, 0.0, 5.0, said, 1)


@pytest.mark.parametrize(
    ("rule", "said", "holds"),
    [
        ("ありがとう", "お電話ありがとうございます。", True),
        ("お電話 ありがとう", "お電話、ありがとうございます。", True),
        ("お電話ありがとう", "お 電話 ありがとう ございます", True),  # as results of earlier versions have it
        ("iPhone修理", "新しい iPhone 修理です", True),
        ("iPhone", "新しいiPhoneを買う", True),
        ("Phone", "新しいiPhoneを買う", False),
        ("退款", "我要退款。", True),
        ("退款", "我要换货。", False),
        ("ขอบคุณ", "ขอบคุณครับ", True),
        ("환불", "환불은 안 됩니다", False),
        ("refund", "refunded", False),
    ],
)
def test_a_phrase_of_a_rule_is_found_where_no_space_shows_the_ends_of_words(rule: str, said: str, holds: bool) -> None:
    assert (matching([{"name": "it", "any": [rule]}], [turn(said)]) == ["it"]) is holds


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("お電話 ありがとうございます", True),
        ("「お電話ありがとう」", True),
        ("您好", True),
        ("我", False),
        ("さようなら", False),
    ],
)
def test_a_quote_is_found_with_and_without_spaces(quote: str, found: bool) -> None:
    turns = [turn("お 電話ありがとう ございます。"), turn("您好，我能帮您什么？")]
    assert (where(quote, turns) is not None) is found


def test_only_spaces_that_touch_such_a_script_are_left_out_of_comparisons() -> None:
    assert closed("新しい iPhone 15 を 買う now") == "新しいiPhone 15を買うnow"
    assert closed("call me back") == "call me back" and closed("Grüße an dich") == "Grüße an dich"


def test_a_japanese_call_has_its_category_and_its_evidence(world: World) -> None:
    world.tenant(language="ja-JP", redact=False, categories=[{"name": "thanks", "any": ["ありがとうございます"]}])
    answer = {"id": "greeting", "answer": "yes", "quote": "お電話ありがとうございます", "turn": 0}
    world.bedrock.usual = json.dumps({**REPLY, "qa": [answer]})
    result = world.call(spoken((0, 0.0, JAPANESE), (1, 6.0, "いいえ")))
    assert result["transcript_excerpt"] == "お電話ありがとうございます。いいえ"
    assert (result["categories"], result["qa_score"]) == (["thanks"], 100.0)
    as_before: list[dict[str, Any]] = [{**each, "text": JAPANESE} for each in result["turns"][:1]]
    rewrite(world, turns=as_before, turns_count=1)
    assert again(world, "categories")["categories"] == ["thanks"]
