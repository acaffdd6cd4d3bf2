"""Key phrases by rule: runs of content words with the article before them. Imports the word lists only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cci_lite.sandbox.engines.wordlists import ARTICLES, NOT_IN_PHRASES, NOUN_BEHIND_ARTICLE, NUMBERS

_MOST_WORDS = 5
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


@dataclass(frozen=True)
class Phrase:
    """A key phrase: code-point offsets and how sure (0..1)."""

    begin: int
    end: int
    score: float


def find(text: str, language: str) -> list[Phrase]:
    """Phrases in order. Outside English every run of long words counts: the stop words are English."""
    return list(_runs(text)) if language == "en" else list(_long_runs(text))


def _runs(text: str) -> Iterator[Phrase]:
    article: re.Match[str] | None = None
    run: list[re.Match[str]] = []
    for word in _WORD.finditer(text):
        low = word.group().lower().replace("’", "'")
        if run and (low in ARTICLES or not _joined(text, run[-1], word)):
            yield from _phrase(article, run)
            article, run = None, []
        if low in ARTICLES:
            article = word
        elif _content(low, article is not None and not run) and len(run) < _MOST_WORDS:
            run.append(word)
        else:
            yield from _phrase(article, run)
            article, run = None, []
    yield from _phrase(article, run)


def _content(low: str, behind_article: bool) -> bool:
    return (low in NOUN_BEHIND_ARTICLE and behind_article) or low not in NOT_IN_PHRASES


def _joined(text: str, left: re.Match[str], right: re.Match[str]) -> bool:
    return text[left.end() : right.start()].strip(" -") == ""


def _phrase(article: re.Match[str] | None, run: list[re.Match[str]]) -> Iterator[Phrase]:
    if not run or all(word.group().lower() in NUMBERS for word in run):
        return
    if len(run) == 1 and len(run[0].group()) < 3:
        return
    begin = article.start() if article is not None else run[0].start()
    yield Phrase(begin, run[-1].end(), 0.97 if article is not None or len(run) > 1 else 0.9)


def _long_runs(text: str) -> Iterator[Phrase]:
    for word in _WORD.finditer(text):
        if len(word.group()) > 5 or not word.group().isascii():
            yield Phrase(word.start(), word.end(), 0.6)
