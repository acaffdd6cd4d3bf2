"""Answers to a QA rubric by keyword, with a verbatim quotation as evidence. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cci_lite.sandbox.engines import tone
from cci_lite.sandbox.engines.prompt_reading import Question, Turn
from cci_lite.sandbox.engines.wordlists import NOT_IN_QUESTIONS

# (what a question is about, what an agent says who did it)
_RULES = (
    (r"greet|welcom\w*|opening|introduc", r"good (?:morning|afternoon|evening)|hello|thank you for calling|welcome to"),
    (r"\bname\b", r"my name is|this is \w+ speaking|you're speaking (?:to|with)"),
    (r"verif|identity|security|authenticat", r"account number|date of birth|verify|confirm your|post ?code|password"),
    (r"apolog|sorry|empath|understand|acknowledg", r"sorry|apolog|i understand|i can imagine"),
    (r"clos|goodbye|anything else|farewell|thank", r"anything else|have a (?:nice|good|great) day|goodbye|thank you"),
    (
        r"resol|solv|next step|follow|solution|explain|timeframe|commit|promise|action",
        r"\b(?:i|we)(?:'ll| will| am going to| are going to|'m going to)\b|refund|replacement",
    ),
    (r"hold\b", r"put you on hold|thank you for holding|one moment"),
)
_WORD = re.compile(r"[^\W\d_]{4,}")


def answers(turns: Sequence[Turn], questions: Sequence[Question]) -> list[dict[str, Any]]:
    """One answer a question: yes with the sentence that shows it and full points, or no with none."""
    said = [(turn, sentence) for turn in turns if turn.speaker != "customer" for sentence in tone.sentences(turn.text)]
    return [_answer(question, said) for question in questions]


def score(given: Sequence[dict[str, Any]], questions: Sequence[Question]) -> float | None:
    """Points won of those to be had, 0-100; None without a rubric."""
    most = sum(question.points for question in questions)
    return round(100 * sum(answer["points"] for answer in given) / most, 1) if most else None


def _answer(question: Question, said: Sequence[tuple[Turn, str]]) -> dict[str, Any]:
    shown = next((pair for pair in said if _shows(question.question, pair[1])), None)
    return {
        "id": question.id,
        "question": question.question,
        "answer": "yes" if shown else "no",
        "met": shown is not None,
        "points": question.points if shown else 0,
        "quote": shown[1] if shown else None,
        "turn": shown[0].number if shown else None,
    }


def _shows(question: str, sentence: str) -> bool:
    rules = [said for about, said in _RULES if re.search(about, question, re.IGNORECASE)]
    if rules:
        return any(re.search(said, sentence, re.IGNORECASE) for said in rules)
    return len(_content(question) & _content(sentence)) >= 2


def _content(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)} - NOT_IN_QUESTIONS
