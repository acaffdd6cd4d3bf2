"""The sandbox's Amazon Comprehend: sentiment, key phrases, entities, personal data, language. Pure functions.

Every function takes a text of any script and returns the response body of AWS's operation of that name without
ResponseMetadata. Offsets are code points (API_Entity.html). The size and language limits are the server's to check.
"""

from __future__ import annotations

from typing import Any

from cci_lite.sandbox.engines import entity_rules, languages, phrases, pii, tone

__all__ = ["dominant_languages", "entities", "key_phrases", "pii_entities", "sentiment"]


def sentiment(text: str, language: str) -> dict[str, Any]:
    """DetectSentiment: the label and four scores that sum to 1; neutral outside English, which is all VADER knows."""
    scores = tone.scores(text if language == "en" else "")
    label = max(scores, key=lambda name: scores[name])
    return {"Sentiment": label.upper(), "SentimentScore": scores}


def key_phrases(text: str, language: str) -> dict[str, Any]:
    """DetectKeyPhrases: noun-like runs of words, each with Score and offsets, in order."""
    found = [
        {"Score": phrase.score, "Text": text[phrase.begin : phrase.end]} | _offsets(phrase.begin, phrase.end)
        for phrase in phrases.find(text, language)
    ]
    return {"KeyPhrases": found}


def entities(text: str, language: str) -> dict[str, Any]:
    """DetectEntities: PERSON, LOCATION, ORGANIZATION, DATE, QUANTITY, COMMERCIAL_ITEM, OTHER, in order."""
    found = [
        {"Score": entity.score, "Type": entity.kind, "Text": text[entity.begin : entity.end]}
        | _offsets(entity.begin, entity.end)
        for entity in entity_rules.find(text, language)
    ]
    return {"Entities": found}


def pii_entities(text: str, language: str) -> dict[str, Any]:
    """DetectPiiEntities: types and offsets, never the text itself. AWS knows English and Spanish only."""
    found = [
        {"Score": one.score, "Type": one.kind} | _offsets(one.begin, one.end)
        for one in pii.find(text, spelled=language == "en")
    ]
    return {"Entities": found}


def dominant_languages(text: str) -> dict[str, Any]:
    """DetectDominantLanguage: language codes with scores, the likeliest first."""
    return {"Languages": [{"LanguageCode": code, "Score": score} for code, score in languages.guess(text)]}


def _offsets(begin: int, end: int) -> dict[str, int]:
    return {"BeginOffset": begin, "EndOffset": end}
