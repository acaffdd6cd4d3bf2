"""What the stand-in for Amazon Comprehend promises: labels, scores, offsets, any script."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.sandbox.engines import text

CALL = (
    "Hello, my name is Anna Novák and I live in London. My order from Green Garden Supplies is two weeks late. "
    "I paid £40 for the garden table. Please ring me on Friday."
)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("This is terrible. I am very angry and upset.", "NEGATIVE"),
        ("That is wonderful, thank you so much, you were great!", "POSITIVE"),
        ("The parcel is on the table.", "NEUTRAL"),
        ("I love the table. But I hate the terrible delivery.", "MIXED"),
        ("", "NEUTRAL"),
        ("...", "NEUTRAL"),
    ],
)
def test_sentiment_names_the_feeling(said: str, label: str) -> None:
    assert text.sentiment(said, "en")["Sentiment"] == label


def test_sentiment_outside_english_is_neutral() -> None:
    assert text.sentiment("Die Lieferung ist da.", "de")["Sentiment"] == "NEUTRAL"


@pytest.mark.parametrize("said", [CALL, "awful", "", "I love it. I hate it.", "日本語", "👍🏽 great"])
def test_the_four_scores_sum_to_one(said: str) -> None:
    scores = text.sentiment(said, "en")["SentimentScore"]
    assert set(scores) == {"Positive", "Negative", "Neutral", "Mixed"}
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert all(0 <= value <= 1 for value in scores.values())


def test_entities_are_typed() -> None:
    found = {one["Text"]: one["Type"] for one in text.entities(CALL, "en")["Entities"]}
    assert found["Anna Novák"] == "PERSON"
    assert found["London"] == "LOCATION"
    assert found["Green Garden Supplies"] == "ORGANIZATION"
    assert found["two weeks late"] == "DATE"
    assert found["Friday"] == "DATE"
    assert found["£40"] == "QUANTITY"


def test_entities_name_products() -> None:
    assert text.entities("I bought an iPhone 15 here.", "en")["Entities"][0]["Type"] == "COMMERCIAL_ITEM"


def test_key_phrases_are_noun_phrases() -> None:
    found = [one["Text"] for one in text.key_phrases(CALL, "en")["KeyPhrases"]]
    assert {"the garden table", "My order", "Green Garden Supplies"} <= set(found)
    assert not {"is", "and", "please"} & {phrase.lower() for phrase in found}


@pytest.mark.parametrize("before", ["", "😀 ", "é́ ", "日本 ", "مرحبا ", "\x00\n"])
def test_offsets_count_code_points_whatever_stands_before(before: str) -> None:
    said = before + CALL
    for body in (text.entities(said, "en")["Entities"], text.key_phrases(said, "en")["KeyPhrases"]):
        assert body
        for one in body:
            assert said[one["BeginOffset"] : one["EndOffset"]] == one["Text"]


@pytest.mark.parametrize(
    ("said", "kind", "value"),
    [
        ("card 4111 1111 1111 1111 ok", "CREDIT_DEBIT_NUMBER", "4111 1111 1111 1111"),
        ("call +44 7700 900123 now", "PHONE", "+44 7700 900123"),
        ("call (555) 555-0142 now", "PHONE", "(555) 555-0142"),
        ("write to jane.doe@example.com, please", "EMAIL", "jane.doe@example.com"),
        ("it is 123-45-6789.", "SSN", "123-45-6789"),
        ("my pin is 4821", "PIN", "4821"),
        ("the security code is 123", "CREDIT_DEBIT_CVV", "123"),
    ],
)
def test_personal_data_is_found_where_it_stands(said: str, kind: str, value: str) -> None:
    [one] = text.pii_entities("🙂 " + said, "en")["Entities"]
    assert one["Type"] == kind
    assert ("🙂 " + said)[one["BeginOffset"] : one["EndOffset"]] == value
    assert "Text" not in one


@pytest.mark.parametrize("said", ["order 12345678", "on 2026-11-24", "card 4111 1111 1111 1112", "in 2024, 2025, 2026"])
def test_other_numbers_are_not_personal_data(said: str) -> None:
    assert text.pii_entities(said, "en")["Entities"] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("I would like to know where my order is.", "en"),
        ("Hola, muchas gracias por la ayuda con el pedido.", "es"),
        ("Bonjour, je vous appelle pour une commande qui est en retard.", "fr"),
        ("Guten Tag, ich habe eine Frage zu der Bestellung.", "de"),
        ("Здравствуйте, где мой заказ?", "ru"),
        ("注文はまだ届いていません", "ja"),
        ("我的订单还没有到", "zh"),
        ("안녕하세요 주문이 늦었어요", "ko"),
        ("أين طلبي من فضلك", "ar"),
        ("मेरा ऑर्डर कहाँ है", "hi"),
    ],
)
def test_the_dominant_language_comes_first(said: str, code: str) -> None:
    assert text.dominant_languages(said)["Languages"][0]["LanguageCode"] == code


@pytest.mark.parametrize("said", ["", " ", "\x00", "12345", "🙂🙂", "ﷺ", "a" * 5000, "((((", "é" * 2500, "\u202eabc"])
def test_no_text_makes_an_engine_fail(said: str) -> None:
    bodies: list[Any] = [text.dominant_languages(said)["Languages"]]
    for language in ("en", "ja", "ar"):
        bodies += [text.sentiment(said, language), text.key_phrases(said, language), text.entities(said, language)]
    bodies.append(text.pii_entities(said, "en"))
    assert all(body is not None for body in bodies)


@pytest.mark.parametrize("piece", ["1 ", "a.", "one ", "A ", "1-", "a@a.", "pin is ", "(", "the ", "I will at "])
def test_the_longest_text_of_any_kind_is_read(piece: str) -> None:
    # A rule that backtracks would not come back from these.
    said = (piece * 5000)[:5000]
    for one in text.entities(said, "en")["Entities"] + text.key_phrases(said, "en")["KeyPhrases"]:
        assert 0 <= one["BeginOffset"] < one["EndOffset"] <= len(said)
