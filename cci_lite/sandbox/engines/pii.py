"""Personal data found by rules: card, phone, social security, bank and PIN numbers, e-mail addresses. Standard library.

Type names are Comprehend's (API_PiiEntity.html). Offsets count code points, as Python and AWS both do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SPOKEN_EMAIL = re.compile(r"\b[\w.+-]+ at [\w-]+ dot (?:com|org|net|co dot uk|co|io|eu|de|uk)\b", re.IGNORECASE)
_SSN = re.compile(r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])")
_PIN = re.compile(
    r"\b(pin|passcode|pass code|security code|cvv|c v v)\b(?:\W+(?:number|code|is|it's|was|of|the|my|on|card)\b)*"
    r"\W+(\d(?:[\s,-]{0,2}\d){2,7})\b",
    re.IGNORECASE,
)
# Digits in groups; a comma joins only single digits, so that years in a list stay apart.
_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d(?:(?:[\s.\-()]{0,2}|,\s?(?=\d\b))\d)*")
# A recogniser writes the pauses between a card's groups as commas, and the three digits behind it as "the code".
_SPOKEN_DIGITS = re.compile(r"(?<![\w.])\+?\(?\d(?:(?:[\s.\-()]{0,2}|,\s?)\d)*")
_SPOKEN_CODE = re.compile(
    r"\bcode(?:\W+(?:number|is|it's|on|the|card|back))*\W+(\d(?:[\s,-]{0,2}\d){2,3})\b", re.IGNORECASE
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[\s,]*)+")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_GROUPED_PHONE = re.compile(r"\(?\d{3}\)?[ -]\d{3,4}(?:[ -]\d{3,4})?")

# Digits given one by one: nobody counts like this, however few were heard of a number.
_DICTATED = re.compile(r"\d(?:,\s?\d)+")

_NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_VALUES = {name: str(value) for value, name in enumerate(_NAMES)} | {"oh": "0", "o": "0"}
_SPELLED = re.compile(rf"\b(?:{'|'.join(_VALUES)})(?:[\s,-]+(?:{'|'.join(_VALUES)})){{5,}}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Pii:
    """One finding: code-point offsets, Comprehend's type name, how sure (0..1)."""

    begin: int
    end: int
    kind: str
    score: float


def find(text: str, *, spoken: bool = False, spelled: bool = True) -> list[Pii]:
    """The findings in `text`, in order, never overlapping; the surer of two that touch the same characters wins.

    `spoken` also takes a card number that fails its checksum: a recogniser may have misheard one digit.
    `spelled` reads numbers given as English words.
    """
    kept: list[Pii] = []
    for candidate in sorted(_candidates(text, spoken, spelled), key=lambda one: (-one.score, one.begin)):
        if all(candidate.end <= other.begin or candidate.begin >= other.end for other in kept):
            kept.append(candidate)
    return sorted(kept, key=lambda one: one.begin)


def kinds(words: Sequence[str]) -> list[str | None]:
    """The kind of personal data each word of a spoken turn belongs to, None for the others."""
    found = find(" ".join(words), spoken=True)
    marked: list[str | None] = []
    begin = 0
    for word in words:
        end = begin + len(word)
        marked.append(next((one.kind for one in found if one.begin < end and begin < one.end), None))
        begin = end + 1
    return marked


def luhn(digits: str) -> bool:
    """The checksum of card numbers (ISO/IEC 7812-1)."""
    doubled = [int(digit) * 2 if place % 2 else int(digit) for place, digit in enumerate(reversed(digits))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _candidates(text: str, spoken: bool, spelled: bool) -> Iterator[Pii]:
    for pattern in (_EMAIL, _SPOKEN_EMAIL):
        for match in pattern.finditer(text):
            yield Pii(match.start(), match.end(), "EMAIL", 0.999)
    for match in _SSN.finditer(text):
        yield Pii(match.start(), match.end(), "SSN", 0.98)
    for match in _PIN.finditer(text):
        kind = "PIN" if match.group(1).lower() in ("pin", "passcode", "pass code") else "CREDIT_DEBIT_CVV"
        yield Pii(match.start(2), match.end(2), kind, 0.96)
    for match in _SPOKEN_CODE.finditer(text) if spoken else ():
        yield Pii(match.start(1), match.end(1), "CREDIT_DEBIT_CVV", 0.8)
    for match in (_SPOKEN_DIGITS if spoken else _DIGITS).finditer(text):
        yield from _number(match, re.sub(r"\D", "", match.group()), spoken)
    for match in _SPELLED.finditer(text) if spelled else ():
        digits = "".join(_VALUES[name.lower()] for name in re.findall(r"[A-Za-z]+", match.group()))
        yield from _number(match, digits, spoken=True)


def _number(match: re.Match[str], digits: str, spoken: bool) -> Iterator[Pii]:
    kind = _kind(match.group().strip(), digits, spoken)
    if kind is not None:
        yield Pii(match.start(), match.end(), kind, 0.99 if kind == "CREDIT_DEBIT_NUMBER" else 0.95)


def _kind(written: str, digits: str, spoken: bool) -> str | None:
    if _DATE.fullmatch(written) or _YEARS.fullmatch(written):
        return None
    if 13 <= len(digits) <= 19 and (luhn(digits) or spoken):
        return "CREDIT_DEBIT_NUMBER"
    if 7 <= len(digits) <= 15 and (written[0] in "+0(" or len(digits) >= 10):
        return "PHONE"
    if _GROUPED_PHONE.fullmatch(written) or (len(digits) >= 7 and (spoken or _DICTATED.fullmatch(written))):
        return "PHONE"
    return None
