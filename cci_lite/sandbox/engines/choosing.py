"""Which member of an enum fits a call: by the fact, by yes and no, by mood, else by what was said. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cci_lite.sandbox.engines.digest import ends_well
from cci_lite.sandbox.engines.prompt_reading import Turn

_YES = frozenset(("yes", "true", "pass", "passed", "met", "y"))
_NO = frozenset(("no", "false", "fail", "failed", "not_met", "n"))
_MOODS = {
    "positive": "positive happy satisfied friendly pleased calm polite warm professional",
    "negative": "negative angry frustrated upset dissatisfied hostile rude tense annoyed",
    "neutral": "neutral calm matter_of_fact professional polite unknown",
    "mixed": "mixed recovering improving neutral frustrated",
}
# What is said when a call ends in an outcome that has this word in its name.
_SAID = {
    "escalat": r"supervisor|manager|escalate|specialist",
    "unresolved|no_resolution|not_resolved": r"can't help|cannot help|unable to|nothing (?:i|we) can do|not possible",
    "refund": r"\brefund",
    "cancel": r"\bcancel",
    "sale|sold|purchase|upsell": r"\bbought\b|i'll take it|place (?:the|an) order|sign me up",
    "complain": r"complain|angry|terrible|unacceptable",
    "follow|callback|call_back|pending": r"call you back|will call|get back to you|follow up|will send|i will check",
    "resolved|solved|fixed": r"refund|fixed|solved|resolved|sorted|that is great|very helpful|happy now",
    "information|enquiry|inquiry|question": r"opening hours|information|could you tell me|wanted to (?:know|ask)",
    "transfer": r"transfer you|put you through",
    "voicemail|no_answer|abandon": r"leave a message|after the tone",
}
_UNSOLVED = re.compile(r"unresolved|no_resolution|not_resolved")
# Up to the next mark: "I cannot make this refund, so I will transfer you" is a transfer and no refund.
_DENIED = re.compile(r"\b(?:cannot|can't|could not|couldn't|unable to|will not|won't)\b[^,.;!?]*", re.IGNORECASE)
_ENDINGS = ("outcome", "disposition", "resolution")
_FALLBACKS = ("other", "unknown", "none", "n/a", "neutral")


def choose(options: Sequence[Any], name: str, fact: Any, turns: Sequence[Turn]) -> Any:
    """One of `options`, always; None only where it is an option."""
    if fact in options and fact is not None:
        return fact
    for rule in (_by_text, _by_mood):
        chosen = rule(options, fact)
        if chosen is not None:
            return chosen
    if fact is None and None in options and name not in (*_ENDINGS, "tone"):
        return None
    return _by_speech(options, name, turns)


def _by_text(options: Sequence[Any], fact: Any) -> Any:
    """The option that says the same in another spelling, or the yes or no of the list."""
    if isinstance(fact, bool):
        fact = "yes" if fact else "no"
    if not isinstance(fact, str):
        return None
    same = _YES if fact.lower() in _YES else _NO if fact.lower() in _NO else frozenset((fact.lower(),))
    return next((option for option in options if isinstance(option, str) and option.lower() in same), None)


def _by_mood(options: Sequence[Any], fact: Any) -> Any:
    words = _MOODS.get(fact, "").split() if isinstance(fact, str) else []
    return next((option for word in words for option in options if str(option).lower() == word), None)


def _by_speech(options: Sequence[Any], name: str, turns: Sequence[Turn]) -> Any:
    """The option whose words are said most; later turns count double, since a call ends in its outcome.

    Where none is named, a customer who leaves content leaves a resolved call.
    """
    scored = [(_weight(str(option).lower(), turns), option) for option in options if option is not None]
    best = max((weight for weight, _ in scored), default=0)
    if best > 0:
        return next(option for weight, option in scored if weight == best)
    if name in _ENDINGS and "resolved" in options and ends_well(turns):
        return "resolved"
    fallbacks = [option for option in options if str(option).lower() in _FALLBACKS]
    return (fallbacks or [option for option in options if option is not None] or list(options))[0]


def _weight(option: str, turns: Sequence[Turn]) -> int:
    named = re.sub(r"[^a-z]+", "_", option)
    rule = next((said for about, said in _SAID.items() if re.search(about, named)), None)
    said = re.compile(rule if rule is not None else re.escape(option.replace("_", " ")), re.IGNORECASE)
    texts = [turn.text if _UNSOLVED.search(named) else _DENIED.sub("", turn.text) for turn in turns]
    late = len(turns) / 2
    return sum(len(said.findall(text)) * (2 if place >= late else 1) for place, text in enumerate(texts))
