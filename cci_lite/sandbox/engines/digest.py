"""What an extractive reader takes from a call's turns: facts by field name, every quotation verbatim. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cci_lite.sandbox.engines import rubric, tone
from cci_lite.sandbox.engines.entity_rules import find as entities
from cci_lite.sandbox.engines.prompt_reading import Question, Turn

_PROMISE = re.compile(
    r"\b(?:i will|i'll|we will|we'll|i am going to|i'm going to|we are going to|we're going to|let me)\b", re.IGNORECASE
)
_PROBLEM = re.compile(
    r"\b(?:late|twice|wrong|broken|charged|missing|problem|issue|cannot|can't|not work\w*|never|waiting|refund|cancel"
    r"|complain\w*|angry|fault\w*|lost|damaged|need|want|would like)\b",
    re.IGNORECASE,
)
_WHEN = re.compile(r"\b(?:by|on|before|within|until|at)\s*$", re.IGNORECASE)
_MOST_ACTIONS = 8

Said = tuple[Turn, str]


def facts(turns: Sequence[Turn], questions: Sequence[Question]) -> dict[str, Any]:
    """Facts by the field names a call schema uses; lists hold facts for each item."""
    said = [(turn, sentence) for turn in turns for sentence in tone.sentences(turn.text)]
    issue, actions, answers = _issue(said), _actions(said), rubric.answers(turns, questions)
    return {
        "summary": _summary(said, issue, actions),
        "issue": issue[1] if issue else None,
        "action_items": actions,
        "qa": answers,
        "qa_score": rubric.score(answers, questions),
        "tone": _tone(turns),
        "key_points": [sentence for _, sentence in ([issue] if issue else []) + _promises(said)][:5],
        "resolved": ends_well(turns),
        "follow_up": bool(actions),
        "language": "en",
    }


def _issue(said: Sequence[Said]) -> Said | None:
    """The customer's sentence that names most trouble; early ones win a tie, since a call opens with its reason."""
    own = [pair for pair in said if pair[0].speaker != "agent"] or list(said)
    if not own:
        return None
    return max(own, key=lambda pair: (len(_PROBLEM.findall(pair[1])), len(pair[1]) > 12, -pair[0].number))


def _promises(said: Sequence[Said]) -> list[Said]:
    return [pair for pair in said if pair[0].speaker == "agent" and _PROMISE.search(pair[1])]


def _actions(said: Sequence[Said]) -> list[dict[str, Any]]:
    promised = [pair for pair in said if _PROMISE.search(pair[1]) and "right now" not in pair[1].lower()]
    return [
        {"who": turn.speaker, "what": sentence, "by_when": _by_when(sentence), "turn": turn.number, "quote": sentence}
        for turn, sentence in promised[:_MOST_ACTIONS]
    ]


def _by_when(sentence: str) -> str | None:
    """The date a promise names; one behind "by" or "on" before the others."""
    dates = [entity for entity in entities(sentence) if entity.kind == "DATE"]
    dates.sort(key=lambda date: _WHEN.search(sentence[: date.begin]) is None)
    return sentence[dates[0].begin : dates[0].end] if dates else None


def _summary(said: Sequence[Said], issue: Said | None, actions: Sequence[dict[str, Any]]) -> str:
    """The problem, what was promised first, and how the customer left, as said."""
    if issue is None:
        return "Nothing was said."
    parts = [f"{_name(issue[0])}: {issue[1]}"]
    parts += [f"{action['who'].capitalize()}: {action['what']}" for action in actions[:1]]
    closing = _closing(said)
    if closing is not None and closing != issue:
        parts.append(f"{_name(closing[0])}: {closing[1]}")
    return " ".join(parts)


def _closing(said: Sequence[Said]) -> Said | None:
    """The strongest of the customer's last sentences, positive or not."""
    last = [pair for pair in said if pair[0].speaker == "customer"][-3:]
    return max(last, key=lambda pair: abs(tone.compound(pair[1])), default=None)


def _name(turn: Turn) -> str:
    return turn.speaker.capitalize()


def _tone(turns: Sequence[Turn]) -> str:
    scores = tone.scores("\n".join(turn.text for turn in turns if turn.speaker != "agent") or " ")
    return max(scores, key=lambda name: scores[name]).lower()


def ends_well(turns: Sequence[Turn]) -> bool:
    """Whether the customer's last words are content."""
    last = [turn.text for turn in turns if turn.speaker == "customer"][-1:]
    return bool(last) and max((tone.compound(part) for part in tone.sentences(last[0])), default=0.0) > 0.3
