"""Outcome and quality answers of the stand-in for Bedrock, on calls that end one way or another."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.payload.processor.config import OUTCOMES, RUBRIC
from cci_lite.sandbox.engines import choosing, rubric
from cci_lite.sandbox.engines.prompt_reading import Question, Turn

OPTIONS = [*OUTCOMES, None]


def turns(*said: tuple[str, str]) -> list[Turn]:
    return [Turn(number, speaker, text) for number, (speaker, text) in enumerate(said)]


def outcome(*said: tuple[str, str], name: str = "outcome") -> Any:
    return choosing.choose(OPTIONS, name, None, turns(*said))


@pytest.mark.parametrize(
    ("said", "ends"),
    [
        ("I will make this refund.", "resolved"),
        ("I cannot make this refund, so I will transfer you to my manager.", "escalated"),
        ("We won't refund you. My manager decides that.", "escalated"),
        ("We cannot help you.", "unresolved"),
        ("I am unable to cancel a contract.", "unresolved"),
    ],
)
def test_what_an_agent_cannot_do_is_no_outcome(said: str, ends: str) -> None:
    assert outcome(("customer", "I want my money back."), ("agent", said)) == ends


def test_a_customer_who_leaves_content_leaves_a_resolved_call() -> None:
    chairs = ("agent", "The chairs are in the van.")
    assert outcome(chairs, ("customer", "That is wonderful. You are so kind.")) == "resolved"
    assert outcome(chairs, ("customer", "That is terrible.")) is None
    assert outcome(chairs, ("customer", "That is wonderful."), name="channel") is None


def test_what_was_said_goes_before_how_the_customer_leaves() -> None:
    promised = ("agent", "I will call you back on Friday.")
    assert outcome(promised, ("customer", "That is wonderful.")) == "follow-up promised"


def test_the_default_rubric_is_answered_from_the_agents_words() -> None:
    questions = [Question(each["id"], each["question"], each["points"]) for each in RUBRIC]
    said = turns(("customer", "It is broken. I am sorry."), ("agent", "I am sorry. We will send another."))
    given = {each["id"]: (each["answer"], each["quote"]) for each in rubric.answers(said, questions)}
    assert given == {
        "greeting": ("no", None),
        "empathy": ("yes", "I am sorry."),
        "next_step": ("yes", "We will send another."),
    }
