"""A JSON value that satisfies a JSON Schema (draft 2020-12), filled from facts by field name. Pure.

Covers what a call schema uses: type, properties, required, items, enum, const, anyOf, oneOf, allOf, local $ref,
minLength, maxLength, pattern (tried with a few plain spellings), minimum, maximum, multipleOf, minItems, maxItems.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cci_lite.sandbox.engines import choosing
from cci_lite.sandbox.engines.prompt_reading import Turn

Schema = Mapping[str, Any]
_ALIASES = {
    "summary": ("overview", "abstract", "synopsis", "recap"),
    "issue": ("problem", "contact_reason", "reason", "intent", "topic", "driver"),
    "action_items": ("actions", "next_steps", "follow_ups", "tasks", "commitments", "todos"),
    "qa": ("answers", "scorecard", "questions", "checks", "rubric"),
    "qa_score": ("score", "quality_score"),
    "tone": ("sentiment", "mood", "emotion"),
    "key_points": ("highlights", "points_of_note", "main_points"),
    "who": ("owner", "assignee", "responsible"),
    "what": ("action", "task", "description", "text"),
    "by_when": ("due", "deadline", "due_date", "when", "date"),
    "quote": ("evidence", "quotation", "excerpt"),
    "turn": ("turn_index", "turn_number", "turn_id", "line", "i"),
    "follow_up": ("follow_up_required", "needs_follow_up"),
    "resolved": ("is_resolved", "issue_resolved"),
    "met": ("passed", "pass", "satisfied", "ok"),
}
_NAMES = {alias: name for name, aliases in _ALIASES.items() for alias in (name, *aliases)}


@dataclass(frozen=True)
class _Call:
    """What every level of the walk needs."""

    root: Schema
    turns: Sequence[Turn]


def fill(schema: Schema, facts: Mapping[str, Any], turns: Sequence[Turn]) -> Any:
    """The filled value; names without a fact get the emptiest value the schema allows."""
    return _value(schema, "", facts, _Call(schema, turns))


def _value(schema: Schema, name: str, fact: Any, call: _Call) -> Any:
    schema = _plain(schema, fact, call)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return choosing.choose(schema["enum"], name, fact, call.turns)
    kind = _kind(schema, fact)
    if kind == "object":
        return _object(schema, _as_facts(fact), call)
    if kind == "array":
        return _array(schema, name, fact, call)
    if kind in ("number", "integer"):
        return _number(schema, kind, fact)
    if kind == "boolean":
        return bool(fact)
    return None if kind == "null" else _string(schema, fact, call)


def _plain(schema: Schema, fact: Any, call: _Call) -> Schema:
    """References followed, allOf merged, the fitting branch of anyOf/oneOf taken."""
    if "$ref" in schema:
        target: Any = call.root
        for part in schema["$ref"].lstrip("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return _plain({**target, **rest}, fact, call)
    if "allOf" in schema:
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            merged = _merged(merged, _plain(part, fact, call))
        return _plain(merged, fact, call)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        return _merged(rest, _plain(_branch(branches, fact), fact, call))
    return schema


def _merged(left: Schema, right: Schema) -> dict[str, Any]:
    merged = {**left, **right}
    if "properties" in left and "properties" in right:
        merged["properties"] = {**left["properties"], **right["properties"]}
    if "required" in left and "required" in right:
        merged["required"] = [*left["required"], *right["required"]]
    return merged


def _branch(branches: Sequence[Schema], fact: Any) -> Schema:
    """null for a missing fact where allowed, else the first branch that is not null."""
    null = next((branch for branch in branches if branch.get("type") == "null"), None)
    if fact is None and null is not None:
        return null
    return next((branch for branch in branches if branch is not null), branches[0])


def _kind(schema: Schema, fact: Any) -> str:
    given = schema.get("type")
    kinds = [given] if isinstance(given, str) else list(given or ())
    if not kinds:
        return "object" if "properties" in schema else "array" if "items" in schema else "string"
    if fact is None and "null" in kinds:
        return "null"
    fits = [kind for kind in kinds if kind != "null"]
    named = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    matching = named.get(type(fact), "")
    return matching if matching in fits else fits[0] if fits else "null"


def _as_facts(fact: Any) -> Mapping[str, Any]:
    """Facts by name; a list of answers becomes answers by id, for a schema with a property a question."""
    if isinstance(fact, Mapping):
        return fact
    named = fact if isinstance(fact, list) else []
    return {one["id"]: one for one in named if isinstance(one, Mapping) and "id" in one}


def _object(schema: Schema, facts: Mapping[str, Any], call: _Call) -> dict[str, Any]:
    properties = dict(schema.get("properties") or {})
    for name in schema.get("required") or ():
        properties.setdefault(name, {"type": "string"})
    return {name: _value(inner, name, fact_for(name, facts), call) for name, inner in properties.items()}


def fact_for(name: str, facts: Mapping[str, Any]) -> Any:
    """The fact of a field: by its own name, by a known alias, by an alias it ends with; None without one."""
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower().replace("-", "_")
    if plain in facts:
        return facts[plain]
    if _NAMES.get(plain) in facts:
        return facts[_NAMES[plain]]
    ends = (known for alias, known in _NAMES.items() if plain.endswith("_" + alias) and known in facts)
    known = next(ends, None)
    return facts[known] if known is not None else None


def _array(schema: Schema, name: str, fact: Any, call: _Call) -> list[Any]:
    given = list(fact) if isinstance(fact, list | tuple) else [] if fact is None else [fact]
    least, most = schema.get("minItems", 0), schema.get("maxItems", len(given))
    given = given[:most] + [None] * (least - len(given[:most]))
    made = [_value(schema.get("items") or {}, name, one, call) for one in given]
    if schema.get("uniqueItems"):
        made = [value for place, value in enumerate(made) if value not in made[:place]]
    return made


def _number(schema: Schema, kind: str, fact: Any) -> float | int:
    value = float(fact) if isinstance(fact, int | float) else 0.0
    step = schema.get("multipleOf", 1 if kind == "integer" else 0)
    low = schema.get("minimum", schema.get("exclusiveMinimum", value - 1) + (step or 1))
    high = schema.get("maximum", schema.get("exclusiveMaximum", value + 1) - (step or 1))
    value = min(max(value, low), high)
    value = round(value / step) * step if step else value
    return int(value) if value == int(value) else value


def _string(schema: Schema, fact: Any, call: _Call) -> str:
    text = fact if isinstance(fact, str) else "" if fact is None else json.dumps(fact, ensure_ascii=False)
    pattern = schema.get("pattern")
    if pattern is not None:
        text = next((one for one in _spellings(text) if re.search(pattern, one)), text)
    least = schema.get("minLength", 0)
    if len(text) < least:
        text = text or next((turn.text for turn in call.turns if turn.text), "not said")
        text = text.ljust(least, ".")
    return shortened(text, schema["maxLength"], least) if "maxLength" in schema else text


def _spellings(text: str) -> Iterator[str]:
    """What a pattern in a call schema may mean: the text, a slug of it, a number in it, a date, a plain word."""
    yield text
    yield re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    yield re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    yield from re.findall(r"\d+(?:\.\d+)?", text)
    yield from ("unknown", "none", "UNKNOWN", "0", "00", "1970-01-01", "00:00", "a", "A", "")


def shortened(text: str, most: int, least: int = 0) -> str:
    """Cut at a word, so that a shortened quotation still occurs in what was said; within a word where none fits."""
    if len(text) <= most:
        return text
    cut = text[: most + 1].rsplit(" ", 1)[0]
    return cut if least <= len(cut) <= most else text[:most]
