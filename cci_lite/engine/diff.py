"""The one place where want and have are compared. May import engine.model only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import Field, fields, is_dataclass
from typing import Any

from cci_lite.engine.model import IMMUTABLE, Change, Changes


def diff(have: Any, want: Any) -> Changes:
    """The differences between two specs of one type, by path, in field order.

    Dataclasses are compared field by field, mappings by key, everything else by equality: a spec's
    values bring their own meaning of "equal". Fields that take no part in comparisons are left out.
    """
    return Changes(tuple(_compare("", have, want, "")))


def created(want: Any) -> Changes:
    """Everything a thing that is absent would get."""
    return Changes(tuple(_leaves("", want)))


def _compare(path: str, have: Any, want: Any, stuck: str) -> Iterator[Change]:
    if _by_fields(want) and type(have) is type(want):
        for each in _compared(want):
            yield from _compare(_below(path, each.name), getattr(have, each.name), getattr(want, each.name), _why(each))
    elif isinstance(want, Mapping) and isinstance(have, Mapping):
        for key in [*want, *(key for key in have if key not in want)]:
            yield from _compare(_below(path, key), have.get(key), want.get(key), stuck)
    elif have != want:
        yield Change(path, have, want, stuck)


def _leaves(path: str, want: Any) -> Iterator[Change]:
    if _by_fields(want):
        for each in _compared(want):
            yield from _leaves(_below(path, each.name), getattr(want, each.name))
    elif isinstance(want, Mapping):
        for key, value in want.items():
            yield from _leaves(_below(path, key), value)
    else:
        yield Change(path, None, want)


def _by_fields(value: Any) -> bool:
    """A dataclass that has not brought an equality of its own."""
    return is_dataclass(value) and not isinstance(value, type) and bool(value.__dataclass_params__.eq)  # type: ignore[attr-defined]


def _compared(value: Any) -> Iterator[Field[Any]]:
    return (each for each in fields(value) if each.compare)


def _below(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _why(each: Field[Any]) -> str:
    return str(each.metadata.get(IMMUTABLE, ""))
