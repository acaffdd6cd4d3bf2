"""A tenant's rules hold for what was said, and by whom; nothing is said of people nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.payload.processor.categories import matching, undecided
from cci_lite.payload.processor.transcript import Phrase

from .world import World, spoken


def turn(speaker: str, start: float, text: str) -> Phrase:
    return Phrase(speaker, None, start, start + 5, text, len(text.split()))


CALL = [
    turn("agent", 0, "Good morning, this call is recorded."),
    turn("customer", 10, "Please call, back. I want to cancel!"),
    turn("agent", 90, "Goodbye"),
]


def holds(**rule: Any) -> bool:
    return matching([{"name": "it", **rule}], CALL) == ["it"]


@pytest.mark.parametrize("phrase", ["cancel", "CANCEL", "call back", "this call is recorded"])
def test_a_phrase_is_found_whatever_its_case_and_punctuation(phrase: str) -> None:
    assert holds(any=["never said", phrase])


@pytest.mark.parametrize("phrase", ["can", "record", "back call", "a.*l", "(", ""])
def test_only_whole_words_in_their_order_are_found(phrase: str) -> None:
    assert not holds(any=[phrase])


def test_a_rule_may_ask_who_said_it() -> None:
    assert holds(any=["cancel"], said_by="customer") and not holds(any=["cancel"], said_by="agent")


def test_a_rule_may_hold_because_nothing_of_it_was_said() -> None:
    assert holds(any=["anything else"], said_by="agent", absent=True)
    assert not holds(any=["goodbye"], absent=True)


def test_rules_without_a_phrase_hold_for_nothing() -> None:
    assert not holds(any=[]) and not holds(any=[" "])


def test_rules_keep_the_tenants_order() -> None:
    rules = [{"name": name, "any": ["cancel"]} for name in ("z", "a")]
    assert matching(rules, CALL) == ["z", "a"]


def test_a_rule_about_the_agent_is_not_decided_where_nobody_is_known_to_be_the_agent(world: World) -> None:
    rule = {"name": "no-greeting", "any": ["good morning"], "said_by": "agent", "absent": True}
    world.tenant(agent_channel=None, categories=[rule])
    result = world.call(spoken((0, 0.0, "hello there"), (1, 2.0, "good morning")))
    assert result["categories"] == []
    assert "categories.no-greeting" in {each["field"] for each in result["absent"]}


def test_a_silent_agent_said_nothing_and_that_is_decided() -> None:
    rules = [{"name": "no-greeting", "any": ["good morning"], "said_by": "agent", "absent": True}]
    alone = [turn("customer", 0, "hello")]
    assert matching(rules, alone) == ["no-greeting"] and undecided(rules, alone) == []
