"""Entities by rule: dates, quantities, e-mail and numbers, then names by their capitals and the words around them.

Imports the word lists and the rules for personal data. Type names are Comprehend's (API_Entity.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cci_lite.sandbox.engines import pii
from cci_lite.sandbox.engines.wordlists import OPENERS, PLACES

_DAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_MONTH = r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
_NUMBER = r"(?:\d+(?:[.,]\d+)*|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty|thirty|hundred)"
_SPAN = r"(?:second|minute|hour|day|week|month|year)s?"
_DATES = re.compile(
    rf"\b(?:(?:next|last|this|every) )?{_DAY}(?: (?:morning|afternoon|evening|night))?\b"
    rf"|\b(?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?)?{_MONTH}\b(?<!\bmay)(?: \d{{1,2}}(?:st|nd|rd|th)?\b)?(?:,? \d{{4}})?"
    rf"|\b{_NUMBER} {_SPAN}(?: (?:late|ago|early))?\b"
    r"|\b(?:today|tomorrow|tonight|yesterday|(?:next|last|this) (?:week|month|year|weekend))\b"
    r"|\b\d{4}-\d\d-\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b",
    re.IGNORECASE,
)
_UNIT = r"(?:percent|per cent|pounds?|euros?|dollars?|pence|cents?|times|items?|copies|kilos?|miles?|metres?|boxes)"
_QUANTITIES = re.compile(
    rf"[$£€]\s?\d+(?:[.,]\d+)*|\b\d+(?:[.,]\d+)*\s?%|\b{_NUMBER} {_UNIT}\b|\b(?:twice|once)\b", re.IGNORECASE
)
_GIVEN = re.compile(
    r"\b(?:[Mm]y name is|[Tt]his is|I am|I'm|[Ss]peaking with|Mr|Mrs|Ms|Dr)\.? ((?:[A-Z][\w'-]+)(?: [A-Z][\w'-]+)?)"
)
_NAME = re.compile(r"\b[A-Z][\w&'-]*(?: (?:(?:of|and|the) )?[A-Z][\w&'-]*)*")
_FIRM = re.compile(
    r"\b(?:supplies|books|bank|ltd|limited|inc|company|group|services|insurance|airlines|energy|telecom|university"
    r"|hotel|store|shop|royal mail|amazon|google|microsoft|apple|fedex|dhl|ups|paypal|visa|mastercard)\b",
    re.IGNORECASE,
)
_PRODUCTS = re.compile(r"\b(?:iphone|ipad|kindle|playstation|xbox|galaxy \w+|macbook)(?: \d+)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class Entity:
    """A finding: code-point offsets, Comprehend's type name, how sure (0..1)."""

    begin: int
    end: int
    kind: str
    score: float


def find(text: str, language: str = "en") -> list[Entity]:
    """The entities in order, none overlapping; the first rule to claim a stretch of text keeps it.

    Capitals name things in English only: elsewhere just what digits and symbols tell is found.
    """
    kept: list[Entity] = []
    for one in _candidates(text, language):
        if one.begin < one.end and all(one.end <= other.begin or one.begin >= other.end for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.begin)


def _candidates(text: str, language: str) -> Iterator[Entity]:
    for private in pii.find(text):
        yield Entity(private.begin, private.end, "OTHER", private.score)
    for kind, pattern, score in (
        ("DATE", _DATES, 0.98),
        ("QUANTITY", _QUANTITIES, 0.95),
        ("COMMERCIAL_ITEM", _PRODUCTS, 0.9),
    ):
        for match in pattern.finditer(text):
            yield Entity(match.start(), match.end(), kind, score)
    if language != "en":
        return
    for match in _GIVEN.finditer(text):
        if match.group(1).split()[0].lower() not in OPENERS:
            yield Entity(match.start(1), match.end(1), _named(match.group(1), "PERSON"), 0.97)
    for match in _NAME.finditer(text):
        yield from _by_capitals(match)


def _by_capitals(match: re.Match[str]) -> Iterator[Entity]:
    """A run of capitalised words without the openers at its front: what kind it is, its own words tell."""
    begin, words = match.start(), match.group().split(" ")
    while words and words[0].lower() in OPENERS:
        begin += len(words[0]) + 1
        words = words[1:]
    name = " ".join(words)
    if len(name) > 1:
        yield Entity(begin, begin + len(name), _named(name, "OTHER"), 0.8)


def _named(name: str, otherwise: str) -> str:
    if _FIRM.search(name):
        return "ORGANIZATION"
    if all(word.lower() in PLACES for word in name.split()):
        return "LOCATION"
    return otherwise
