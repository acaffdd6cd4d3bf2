"""Comprehend's limits and answers."""

from __future__ import annotations

import pytest

from tests.sandbox.conftest import Account, allow, refusal

GLAD = "I love this, thank you so much, that is wonderful."


def test_sentiment_scores_belong_to_the_text_and_sum_to_one(aws: Account) -> None:
    comprehend = aws.client("comprehend")
    glad = comprehend.detect_sentiment(Text=GLAD, LanguageCode="en")
    assert glad["Sentiment"] == "POSITIVE"
    assert sum(glad["SentimentScore"].values()) == pytest.approx(1, abs=0.001)
    angry = comprehend.detect_sentiment(Text="This is terrible, I hate it and I am furious.", LanguageCode="en")
    assert angry["Sentiment"] == "NEGATIVE"


def test_the_other_detections_answer_in_aws_shape(aws: Account) -> None:
    comprehend = aws.client("comprehend")
    text = "Please call Anna Smith in London on 555-0100-2222 or write to anna@example.com."
    assert comprehend.detect_key_phrases(Text=text, LanguageCode="en")["KeyPhrases"]
    assert comprehend.detect_entities(Text=text, LanguageCode="en")["Entities"]
    kinds = {e["Type"] for e in comprehend.detect_pii_entities(Text=text, LanguageCode="en")["Entities"]}
    assert "EMAIL" in kinds
    assert comprehend.detect_dominant_language(Text=text)["Languages"][0]["LanguageCode"] == "en"


def test_text_over_5000_bytes_is_refused_whatever_its_number_of_characters(aws: Account) -> None:
    detect = aws.client("comprehend").detect_sentiment
    detect(Text="a" * 5000, LanguageCode="en")
    assert refusal(detect, Text="a" * 5001, LanguageCode="en")[0] == "TextSizeLimitExceededException"
    assert refusal(detect, Text="é" * 2501, LanguageCode="fr")[0] == "TextSizeLimitExceededException"


def test_in_a_batch_only_the_text_that_is_too_long_fails(aws: Account) -> None:
    batch = aws.client("comprehend").batch_detect_sentiment(TextList=[GLAD, "a" * 5001], LanguageCode="en")
    assert [(r["Index"], r["Sentiment"]) for r in batch["ResultList"]] == [(0, "POSITIVE")]
    assert [(e["Index"], e["ErrorCode"]) for e in batch["ErrorList"]] == [(1, "TEXT_SIZE_LIMIT_EXCEEDED")]


def test_a_batch_of_more_than_25_texts_is_refused(aws: Account) -> None:
    comprehend = aws.client("comprehend")
    for detect in (
        comprehend.batch_detect_sentiment,
        comprehend.batch_detect_key_phrases,
        comprehend.batch_detect_entities,
    ):
        assert detect(TextList=[GLAD] * 25, LanguageCode="en")["ErrorList"] == []
        assert refusal(detect, TextList=[GLAD] * 26, LanguageCode="en")[0] == "BatchSizeLimitExceededException"


def test_twelve_languages_are_supported_and_pii_in_two(aws: Account) -> None:
    comprehend = aws.client("comprehend")
    comprehend.detect_sentiment(Text="hola", LanguageCode="es")
    assert refusal(comprehend.detect_sentiment, Text="hej", LanguageCode="sv")[0] == "UnsupportedLanguageException"
    assert refusal(comprehend.detect_pii_entities, Text="ja", LanguageCode="de")[0] == "UnsupportedLanguageException"


def test_empty_text_is_refused(aws: Account) -> None:
    # boto3 refuses it too: the check is switched off to see the service's own.
    comprehend = aws.client("comprehend", parameter_validation=False)
    for detect, text in (
        (comprehend.detect_sentiment, {"Text": ""}),
        (comprehend.batch_detect_sentiment, {"TextList": [""]}),
    ):
        assert refusal(detect, **text, LanguageCode="en")[0] == "InvalidRequestException"


def test_the_callers_policy_decides(role) -> None:
    comprehend = role(allow("comprehend:DetectSentiment")).client("comprehend")
    comprehend.detect_sentiment(Text=GLAD, LanguageCode="en")
    assert refusal(comprehend.detect_entities, Text=GLAD, LanguageCode="en")[0] == "AccessDeniedException"
