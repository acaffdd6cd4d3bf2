"""From result documents to what the page shows of a call. May import the standard library only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isinf
from typing import Any

_SCHEMA = "cci-lite-v1"
_TEXT, _NUMBER, _NULL = (str,), (int, float), (type(None),)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

#: Field of a result -> what it must be, so that the page may rely on it.
_FIELDS: Mapping[str, tuple[type, ...]] = {
    "tenant_id": _TEXT,
    "call_id": _TEXT,
    "call_started_at": _TEXT,
    "duration_s": _NUMBER,
    "language": _TEXT + _NULL,
    "summary": _TEXT + _NULL,
    "issue": _TEXT + _NULL,
    "outcome": _TEXT + _NULL,
    "tone": _TEXT + _NULL,
    "qa_score": _NUMBER + _NULL,
    "redacted": _TEXT + _NULL,
    "sentiment_label": _TEXT + _NULL,
    "cost_gbp": _NUMBER + _NULL,
}
#: List of a result -> the members of its entries that are shown, in the order in which the page gets them.
_LISTS: Mapping[str, Mapping[str, tuple[type, ...]]] = {
    "turns": {"start_s": _NUMBER, "speaker": _TEXT, "text": _TEXT},
    "key_phrases": {"text": _TEXT, "count": _NUMBER},
    "entities": {"type": _TEXT, "text": _TEXT, "count": _NUMBER},
    "action_items": {"who": _TEXT + _NULL, "what": _TEXT, "by_when": _TEXT + _NULL},
    "qa": {"question": _TEXT, "answer": _TEXT, "points": _NUMBER, "quote": _TEXT + _NULL},
}


class _NoResultError(ValueError):
    """The document is JSON of something else, or of a result that somebody changed."""


@dataclass(frozen=True)
class Calls:
    """calls: newest first; malformed: the places of documents that are no results."""

    calls: tuple[dict[str, Any], ...]
    malformed: tuple[str, ...]


def read(rows: Iterable[tuple[str, str]]) -> Calls:
    """`rows`: the place of each document and its text. A document that is no result is named, and never fatal."""
    calls, malformed = [], dict[str, None]()
    for place, text in rows:
        try:
            calls.append(_call(text))
        except (ValueError, RecursionError):
            malformed[place] = None
    calls.sort(key=lambda each: (each["call_started_at"], each["call_id"]), reverse=True)
    return Calls(tuple(calls), tuple(malformed))


def _call(text: str) -> dict[str, Any]:
    """What is shown of one result. Raises ValueError, or RecursionError where the text is nested without end."""
    found = json.loads(text, parse_constant=_refuse)
    if not isinstance(found, dict) or not str(found.get("schema_version")).startswith(_SCHEMA):
        raise _NoResultError
    fields = dict(zip(_FIELDS, _typed(found, _FIELDS), strict=True))
    if not _MOMENT.fullmatch(fields["call_started_at"]):
        raise _NoResultError
    lists = {name: [_typed(each, members) for each in _listed(found, name)] for name, members in _LISTS.items()}
    return {**fields, **lists, "categories": [_is(each, _TEXT) for each in _listed(found, "categories")]}


def _refuse(constant: str) -> None:
    """Python reads and writes NaN and Infinity, a browser does not: one of them would cost the whole page."""
    raise _NoResultError(constant)


def _listed(found: Mapping[str, Any], name: str) -> list[Any]:
    listed = found.get(name)
    if not isinstance(listed, list):
        raise _NoResultError(name)
    return listed


def _typed(entry: Any, members: Mapping[str, tuple[type, ...]]) -> list[Any]:
    """The values of the members, without their names: there are many entries."""
    if not isinstance(entry, dict):
        raise _NoResultError
    return [_is(entry.get(name), types) for name, types in members.items()]


def _is(value: Any, types: tuple[type, ...]) -> Any:
    if not isinstance(value, types) or isinstance(value, bool) or (isinstance(value, float) and isinf(value)):
        raise _NoResultError
    return value
