"""A small JSON Schema validator (draft 2020-12) for the keywords this project uses. Pure; imports nothing of AWS.

Lambda's runtime has no jsonschema package. A keyword it does not know is an error in the schema, never ignored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
_SAID_ELSEWHERE = frozenset({"$schema", "$id", "title", "description", "required", "additionalProperties"})


def errors(schema: Schema, value: Any, path: str = "$") -> list[str]:
    """What is wrong with `value`, each as "path: reason"; empty when it is valid. Raises ValueError on a bad schema."""
    return list(_errors(schema, value, path))


def _errors(schema: Schema, value: Any, path: str) -> Iterator[str]:
    for keyword, wanted in schema.items():
        if keyword in _SAID_ELSEWHERE:
            continue
        rule = _RULES.get(keyword)
        if rule is None:
            raise ValueError(f"schema keyword {keyword!r} is not supported")
        yield from rule(wanted, value, path)
    if isinstance(value, dict):
        yield from _names(schema, value, path)


def _names(schema: Schema, value: dict[str, Any], path: str) -> Iterator[str]:
    yield from (f"{path}.{name}: missing" for name in schema.get("required", ()) if name not in value)
    extra = schema.get("additionalProperties", True)
    unknown = [name for name in value if name not in schema.get("properties", {})]
    if extra is False:
        yield from (f"{path}.{name}: not in the schema" for name in unknown)
    elif isinstance(extra, Mapping):
        for name in unknown:
            yield from _errors(extra, value[name], f"{path}.{name}")


def _is(kind: str, value: Any) -> bool:
    """JSON's types, not Python's: true is no number, 1.0 is an integer."""
    if kind == "null":
        return value is None
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("number", "integer"):
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        return numeric and (kind == "number" or isinstance(value, int) or value.is_integer())
    return isinstance(value, {"string": str, "array": list, "object": dict}[kind])


def _type(wanted: Any, value: Any, path: str) -> Iterator[str]:
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    if not any(_is(kind, value) for kind in kinds):
        yield f"{path}: must be {' or '.join(kinds)}"


def _same(one: Any, other: Any) -> bool:
    return isinstance(one, bool) == isinstance(other, bool) and one == other


def _enum(wanted: Any, value: Any, path: str) -> Iterator[str]:
    if not any(_same(each, value) for each in wanted):
        yield f"{path}: must be one of {wanted}"


def _const(wanted: Any, value: Any, path: str) -> Iterator[str]:
    if not _same(wanted, value):
        yield f"{path}: must be {wanted!r}"


def _properties(wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in wanted.items():
            if name in value:
                yield from _errors(inner, value[name], f"{path}.{name}")


def _items(wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, list):
        for place, each in enumerate(value):
            yield from _errors(wanted, each, f"{path}[{place}]")


def _any_of(wanted: Any, value: Any, path: str) -> Iterator[str]:
    branches = [errors(each, value, path) for each in wanted]
    if all(branches):
        yield min(branches, key=len)[0]


def _pattern(wanted: Any, value: Any, path: str) -> Iterator[str]:
    if isinstance(value, str) and not re.search(wanted, value):
        yield f"{path}: must match {wanted}"


def _bound(applies: str, broken: Callable[[Any, Any], bool], says: str) -> Callable[[Any, Any, str], Iterator[str]]:
    def rule(wanted: Any, value: Any, path: str) -> Iterator[str]:
        if _is(applies, value) and broken(value, wanted):
            yield f"{path}: {says} {wanted}"

    return rule


_RULES: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "type": _type,
    "enum": _enum,
    "const": _const,
    "properties": _properties,
    "items": _items,
    "anyOf": _any_of,
    "pattern": _pattern,
    "minimum": _bound("number", lambda value, limit: value < limit, "must be at least"),
    "maximum": _bound("number", lambda value, limit: value > limit, "must be at most"),
    "minLength": _bound("string", lambda value, limit: len(value) < limit, "characters, at least"),
    "maxLength": _bound("string", lambda value, limit: len(value) > limit, "characters, at most"),
    "minItems": _bound("array", lambda value, limit: len(value) < limit, "items, at least"),
    "maxItems": _bound("array", lambda value, limit: len(value) > limit, "items, at most"),
}
