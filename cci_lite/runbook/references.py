"""References between steps: settings that name other steps. May import steps.kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from cci_lite.runbook.source import Path_, is_list
from cci_lite.steps.kind import Refers


@dataclass(frozen=True)
class Reference:
    """The setting at `place` names the step `target`."""

    place: Path_
    target: str
    refers: Refers

    @property
    def setting(self) -> str:
        """The setting's name, without the index of an item."""
        return ".".join(each for each in self.place if isinstance(each, str))


def references(model: type[BaseModel], data: Mapping[str, Any], at: Path_ = ()) -> Iterator[Reference]:
    """Every reference in a kind's settings as they stand in the file.

    Not of the validated settings: a step with one bad value still has its other references checked.
    """
    for name, field in model.model_fields.items():
        key = field.alias or name
        value = data[key] if key in data else field.get_default(call_default_factory=True)
        yield from _walk(field.annotation, _mark(field.metadata), value, (*at, key))


def _walk(shape: Any, mark: Refers | None, value: Any, place: Path_) -> Iterator[Reference]:
    origin, inner = get_origin(shape), get_args(shape)
    if origin is Annotated:
        yield from _walk(inner[0], _mark(inner[1:]) or mark, value, place)
    elif origin in (Union, UnionType):
        for each in inner:
            yield from _walk(each, mark, value, place)
    elif shape is str and isinstance(value, str) and mark:
        yield Reference(place, value, mark)
    elif origin in (list, tuple, set, frozenset) and is_list(value):
        for index, each in enumerate(value):
            yield from _walk(inner[0], mark, each, (*place, index))
    elif isinstance(value, Mapping):
        yield from _inside(shape, mark, value, place)


def _inside(shape: Any, mark: Refers | None, value: Mapping[str, Any], place: Path_) -> Iterator[Reference]:
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        yield from references(shape, value, place)
    elif get_origin(shape) is dict:
        for key, each in value.items():
            yield from _walk(get_args(shape)[1], mark, each, (*place, key))


def _mark(metadata: Any) -> Refers | None:
    return next((each for each in metadata if isinstance(each, Refers)), None)
