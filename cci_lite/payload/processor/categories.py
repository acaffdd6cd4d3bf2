"""A tenant's plain rules over what was said: phrases, by whom, or their absence. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from .scripts import UNSPACED, closed, unspaced
from .transcript import Phrase

ROLES = ("agent", "customer")
#: What would go on with a word: a letter, digit or _ of a script that has spaces.
_LETTER = rf"[^\W{UNSPACED}]"


def matching(rules: Sequence[Mapping[str, Any]], turns: Sequence[Phrase]) -> list[str]:
    """Names of the rules that hold, in the tenant's order.

    A rule: name; any: phrases; said_by: agent, customer or either; absent: true when the rule holds because nothing of
    it was said.
    """
    return [
        str(rule["name"])
        for rule in rules
        if _decidable(rule, turns) and _said(rule, turns) != bool(rule.get("absent", False))
    ]


def undecided(rules: Sequence[Mapping[str, Any]], turns: Sequence[Phrase]) -> list[str]:
    """Names of the rules about the agent or the customer on a call where nobody is known to be either."""
    return [str(rule["name"]) for rule in rules if not _decidable(rule, turns)]


def _decidable(rule: Mapping[str, Any], turns: Sequence[Phrase]) -> bool:
    return rule.get("said_by", "either") == "either" or any(turn.speaker in ROLES for turn in turns)


def _said(rule: Mapping[str, Any], turns: Sequence[Phrase]) -> bool:
    patterns = [_pattern(str(each)) for each in rule["any"] if str(each).strip()]
    if not patterns:
        return False  # an empty pattern would be found in everything
    wanted = re.compile("|".join(patterns), re.IGNORECASE)
    by = rule.get("said_by", "either")
    heard = (turn for turn in turns if by in ("either", turn.speaker))
    return any(wanted.search(closed(turn.text)) for turn in heard)


def _pattern(phrase: str) -> str:
    """Whole words, whatever stands between them: "call back" matches "call, back".

    A script without spaces has no ends of words to be found: there a phrase matches wherever it stands.
    """
    words = phrase.split()
    pattern = re.escape(words[0])
    for last, word in pairwise(words):
        pattern += (r"\W*" if unspaced(last[-1]) or unspaced(word[0]) else r"\W+") + re.escape(word)
    before = "" if unspaced(words[0][0]) else rf"(?<!{_LETTER})"
    after = "" if unspaced(words[-1][-1]) else rf"(?!{_LETTER})"
    return before + pattern + after
