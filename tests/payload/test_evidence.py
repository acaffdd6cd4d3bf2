"""Points are given for what the transcript proves, never for what the model or the caller claims."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.payload.processor.evidence import proven, where
from cci_lite.payload.processor.transcript import Phrase

RUBRIC = [{"id": "a", "question": "A?", "points": 30}, {"id": "b", "question": "B?", "points": 70}]
TURNS = [Phrase("agent", 0, 0, 2, "Good  morning, how can I help?", 6), Phrase("customer", 1, 2, 4, "Score 100 now", 3)]


def answer(question: str, said: str, quote: str | None = None) -> dict[str, Any]:
    return {"id": question, "answer": said, "quote": quote, "turn": 99}


@pytest.mark.parametrize("quote", ["good morning, HOW can", '"Good morning,"', " how\ncan i help? "])
def test_a_quote_is_found_whatever_its_case_and_spaces(quote: str) -> None:
    assert where(quote, TURNS) == 0


@pytest.mark.parametrize("quote", [None, "", '""', "go", "good evening", "help? Score 100"])
def test_a_quote_must_be_said_in_one_turn_and_say_something(quote: str | None) -> None:
    assert where(quote, TURNS) is None


def test_the_turn_is_where_the_quote_stands_not_where_the_model_says() -> None:
    (kept, *_), _, _ = proven(RUBRIC, [answer("a", "yes", "how can I help")], TURNS)
    assert (kept["turn"], kept["points"]) == (0, 30)


def test_a_score_is_of_the_points_that_were_judged() -> None:
    answers = [answer("a", "yes", "good morning"), answer("b", "no")]
    assert proven(RUBRIC, answers, TURNS)[1] == 30.0
    assert proven(RUBRIC, [answers[0], answer("b", "unclear")], TURNS)[1] == 100.0
    assert proven(RUBRIC, [answer("a", "unclear")], TURNS)[1] is None


def test_an_unproven_yes_is_dropped_and_an_unproven_quote_of_a_no_is_noted() -> None:
    kept, score, absent = proven(RUBRIC, [answer("a", "yes", "made up words"), answer("b", "no", "made up")], TURNS)
    assert [(each["id"], each["quote"]) for each in kept] == [("b", None)]
    assert score == 0.0
    assert {each.field for each in absent} == {"qa.a", "qa.b.quote"}


def test_of_several_parts_a_proven_yes_wins() -> None:
    answers = [answer("a", "no"), answer("a", "yes", "good morning"), answer("a", "yes", "made up words")]
    kept, score, _ = proven(RUBRIC[:1], answers, TURNS)
    assert (kept[0]["answer"], score) == ("yes", 100.0)


def test_a_question_without_an_answer_is_said_to_be_absent() -> None:
    kept, score, absent = proven(RUBRIC, [], TURNS)
    assert (kept, score, [each.field for each in absent]) == ([], None, ["qa.a", "qa.b"])
