"""Which language a text is in: by script first, then by the commonest short words. Standard library only."""

from __future__ import annotations

import re
from collections import Counter

# Ranges of code points that only one of Comprehend's languages is written in.
_SCRIPTS = (
    ("ja", "\u3040", "\u30ff"),
    ("ko", "\uac00", "\ud7af"),
    ("zh", "\u4e00", "\u9fff"),
    ("ar", "\u0600", "\u06ff"),
    ("hi", "\u0900", "\u097f"),
    ("ru", "\u0400", "\u04ff"),
    ("he", "\u0590", "\u05ff"),
    ("el", "\u0370", "\u03ff"),
    ("th", "\u0e00", "\u0e7f"),
)
_COMMON = {
    "en": "the and to of a is it i you my that was have not for with we are what this be on will",
    "es": "el la de que y en un una los las es por con no para se lo mi su pero muy gracias",
    "fr": "le la les de et un une des est je vous pas que qui dans pour sur mon mais avec merci",
    "de": "der die das und ist ich nicht ein eine sie zu mit den auf für es wir haben danke aber",
    "it": "il di che e un una non per sono mi con lo della ho ma grazie molto questo è gli",
    "pt": "o de que e um uma não para com os as é do da em meu por mas obrigado você",
    "nl": "de het een en van ik is niet dat op te zijn voor met maar wij bedankt",
    "sv": "och att det som en är på jag inte med för har den av vi tack",
    "pl": "nie się na jest to że w do i z jak ale tak mam dziękuję",
}
_WORDS = {code: frozenset(words.split()) for code, words in _COMMON.items()}


def guess(text: str) -> list[tuple[str, float]]:
    """(code, score) pairs, the likeliest first, the scores summing to at most 1. Text without letters: English, 0.5."""
    letters = [char for char in text if char.isalpha()]
    if not letters:
        return [("en", 0.5)]
    script = _by_script(letters)
    if script is not None:
        return [script]
    return _by_words(text)


def _by_script(letters: list[str]) -> tuple[str, float] | None:
    counts: Counter[str] = Counter()
    for char in letters:
        code = next((code for code, low, high in _SCRIPTS if low <= char <= high), None)
        if code is not None:
            counts[code] += 1
    share = sum(counts.values()) / len(letters)
    if share < 0.5:
        return None
    # Japanese mixes kana with the characters it shares with Chinese.
    code = "ja" if counts["ja"] * 10 > counts["zh"] else counts.most_common(1)[0][0]
    return (code, round(min(0.99, share), 4)) if counts["ja"] or code != "ja" else ("zh", round(min(0.99, share), 4))


def _by_words(text: str) -> list[tuple[str, float]]:
    words = re.findall(r"[^\W\d_]+", text.lower())
    hits = Counter({code: sum(word in common for word in words) for code, common in _WORDS.items()})
    total = sum(hits.values())
    if total == 0:
        return [("en", 0.5)]
    ranked = [(code, round(0.99 * count / total, 4)) for code, count in hits.most_common() if count]
    return [pair for pair in ranked if pair[1] >= 0.1] or ranked[:1]
