"""Checking parts of the file against pydantic models, with each complaint on its own line. Knows pydantic.

Complaints are put into plain words: the place, what is wrong, what would be right.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cci_lite.runbook.problems import nearest
from cci_lite.runbook.source import Path_, Source

M = TypeVar("M", bound=BaseModel)


class Part(BaseModel):
    """Base of the file's own parts: unknown keys are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, regex_engine="python-re")


class Head(Part):
    """The file's top level; tags, tenants, phases and risks are checked on their own."""

    schema_: str = Field(alias="schema")
    account: str | None = Field(default=None, pattern=r"^\d{12}$")
    region: str = Field(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")
    tags: dict[str, str]
    tenants: dict[str, Any]
    phases: list[Any]
    risks: list[Any] = Field(default_factory=list)


class PhasePart(Part):
    phase: int = Field(ge=1)
    title: str = Field(min_length=1)
    stop: str = ""
    steps: list[Any]


class StepPart(Part):
    """What every step has; the kind's own settings are checked against the kind."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")
    kind: str
    title: str = Field(min_length=1)
    plan: str = ""
    adopt: bool = False
    after: tuple[str, ...] = ()


class RiskPart(Part):
    service: str = ""
    code: str = Field(min_length=1)
    contains: str = ""
    reason: str = Field(min_length=1)
    hint: str = ""


def checked(source: Source, path: Path_, model: type[M], data: Any, where: str) -> M | None:
    """`data` as a `model`, or None after the source was told every complaint. `where`: "step `x`", "the runbook"."""
    if not isinstance(data, Mapping):
        source.refuse(path, f"{where} must be a mapping of keys to values, not {_kind_of(data)}")
        return None
    try:
        return model.model_validate(_tuples(model, data))
    except ValidationError as error:
        for each in error.errors(include_url=False):
            _complain(source, path, model, each, where)
        return None


def _complain(source: Source, path: Path_, model: type[BaseModel], error: Any, where: str) -> None:
    place = tuple(each for each in error["loc"] if isinstance(each, str | int))
    at, key = (*path, *place), ".".join(str(each) for each in place)
    known = [field.alias or name for name, field in model.model_fields.items()]
    if error["type"] == "extra_forbidden":
        source.refuse(at, f"unknown key `{key}` in {where}", nearest(str(place[-1]), known))
    elif error["type"] == "missing":
        source.refuse(path, f"{where} lacks the key `{key}`")
    elif error["type"] == "value_error":
        source.refuse(at, f"{where}: {error['ctx']['error']}")
    else:
        source.refuse(at, f"`{key}` in {where} is {_shown(error['input'])}: {_plain(error)}", _quote(error))


def _plain(error: Any) -> str:
    context = error.get("ctx", {})
    if error["type"] == "string_pattern_mismatch":
        return f"it must match {context['pattern']}"
    return str(error["msg"]).replace("Input should", "it should")


def _quote(error: Any) -> str:
    """YAML reads 1, no and 2026-11-24 as a number, false and a date."""
    misread = isinstance(error["input"], int | float | bool | datetime.date)
    return "put it in quotes" if error["type"] == "string_type" and misread else ""


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _kind_of(value: Any) -> str:
    return {"list": "a list", "str": "text", "NoneType": "nothing"}.get(type(value).__name__, type(value).__name__)


def _tuples(model: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples where the model has tuples: strict models do not convert them, and YAML has only lists."""
    given = dict(data)
    for name, field in model.model_fields.items():
        value = given.get(name)
        if isinstance(value, list) and _is_tuple(field.annotation):
            given[name] = tuple(value)
    return given


def _is_tuple(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return origin is tuple or any(_is_tuple(each) for each in get_args(annotation) if origin is not None)
