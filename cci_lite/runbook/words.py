"""pydantic's complaints in plain words: what a value must be, and what it is instead. Knows problems.nearest only."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cci_lite.runbook.problems import nearest

_MUST = {
    "string_type": "be text",
    "int_type": "be a whole number",
    "int_from_float": "be a whole number",
    "float_type": "be a number",
    "bool_type": "be true or false",
    "list_type": "be a list",
    "tuple_type": "be a list",
    "set_type": "be a list",
    "frozen_set_type": "be a list",
    "dict_type": "be a mapping",
    "model_type": "be a mapping",
    "model_attributes_type": "be a mapping",
    "none_required": "be left out",
    "string_too_short": "have at least {min_length} characters",
    "string_too_long": "have at most {max_length} characters",
    "string_pattern_mismatch": "match {pattern}",
    "greater_than_equal": "be {ge} or more",
    "less_than_equal": "be {le} or less",
    "greater_than": "be more than {gt}",
    "less_than": "be less than {lt}",
    "too_short": "have at least {min_length} {entries}",
    "too_long": "have at most {max_length} {entries}",
    "literal_error": "be one of {expected}",
    "enum": "be one of {expected}",
    "must": "{words}",
}
_LISTS = ("list_type", "tuple_type", "set_type", "frozen_set_type")


def reason(subject: str, errors: Sequence[Any], text: str | None) -> str:
    """One sentence about one value; several errors are the arms of a union. `text`: the value as written."""
    told = [each for each in errors if each["type"] not in _MUST]
    if told:
        return f"{subject}: {_own_words(told[0])}"
    wanted = dict.fromkeys(_must(each) for each in errors)
    instead = _size(errors[0]) or _instead(errors[0]["input"], text)
    return f"{subject} must {' or '.join(wanted)}, {instead}"


def hint(errors: Sequence[Any], text: str | None) -> str:
    """How to correct it, where that can be told."""
    types, value = {each["type"] for each in errors}, errors[0]["input"]
    if "string_type" in types and isinstance(value, bool | int | float):
        return f'put it in quotes: "{value if text is None else text}"'
    if "int_type" in types and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return f"write it without quotes: {value}"
    if types & set(_LISTS) and isinstance(value, str | int):
        return f"write it as a list: [{value}]"
    if types == {"literal_error"} and isinstance(value, str):
        return nearest(value, re.findall(r"'([^']*)'", errors[0]["ctx"]["expected"]))
    return ""


def a_kind_of(value: object) -> str:
    """What YAML calls it."""
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, str):
        return "text"
    return "a list" if isinstance(value, Sequence) else f"`{json.dumps(value)}`"


def _must(error: Any) -> str:
    context = dict(error.get("ctx", {}))
    fewest = context.get("min_length", context.get("max_length"))
    context["entries"] = "entry" if fewest == 1 else "entries"
    context["expected"] = re.sub(r"'([^']*)'", r"`\1`", str(context.get("expected", "")))
    return _MUST[error["type"]].format(**context)


def _size(error: Any) -> str:
    """How long a thing is whose length is wrong; "" for any other error and for an empty thing."""
    sized = error["type"] in ("too_short", "too_long", "string_too_short", "string_too_long")
    return f"not {len(error['input'])}" if sized and error["input"] else ""


def _instead(value: object, text: str | None) -> str:
    if value is None:
        return "but it is empty"
    if isinstance(value, bool | int | float):
        kind = "true/false" if isinstance(value, bool) else "number"
        return f"not the {kind} {value if text is None else text}"
    if isinstance(value, str):
        shown = json.dumps(value, ensure_ascii=False)
        return f"not {shown}" if len(shown) <= 60 else f'not {shown[:56]}..."'
    if isinstance(value, Mapping | Sequence) and not value:
        return "but it is empty"
    return f"not {a_kind_of(value)}"


def _own_words(error: Any) -> str:
    """A kind's own validator, or an error that has no line in the table above."""
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    text = str(error["msg"]).replace("Input should", "it should")
    return text[:1].lower() + text[1:]
