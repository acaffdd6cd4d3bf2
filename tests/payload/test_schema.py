"""Our validator and the jsonschema package agree, on valid results and on results that were spoilt."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from cci_lite.payload.processor import schema
from cci_lite.payload.processor.result_schema import RESULT_SCHEMA

from .world import CALL, SILENCE, World

PUBLISHED = Path(__file__).parents[2] / "docs" / "result-schema.json"
ODD: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.0,
    1.5,
    101,
    10**400,
    float("inf"),
    "",
    "POSITIVE",
    "x" * 2_001,
    [],
    {},
)
THEIRS = jsonschema.Draft202012Validator(RESULT_SCHEMA)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Of a list the first: the others are under the same rules."""
    yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, each in inner:
        yield from places(each, (*path, name))


def spoilt(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with one value changed, missing or added."""
    for path in list(places(document))[1:]:
        for odd in ODD:
            changed = copy.deepcopy(document)
            holder = _at(changed, path[:-1])
            holder[path[-1]] = odd
            yield changed
        missing = copy.deepcopy(document)
        del _at(missing, path[:-1])[path[-1]]
        yield missing
        if isinstance(_at(document, path), dict):
            added = copy.deepcopy(document)
            _at(added, path)["surprise"] = 1
            yield added


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        value = value[name]
    return value


def test_the_published_schema_is_the_one_results_are_checked_against() -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(json.dumps(RESULT_SCHEMA))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(RESULT_SCHEMA)


@pytest.mark.parametrize("document", [CALL, SILENCE])
def test_both_accept_a_result(world: World, document: dict[str, Any]) -> None:
    result = world.call(document)
    assert schema.errors(RESULT_SCHEMA, result) == []
    assert list(THEIRS.iter_errors(result)) == []


def test_both_judge_spoilt_results_alike(world: World) -> None:
    refused = 0
    for changed in spoilt(world.call(CALL)):
        wrong = schema.errors(RESULT_SCHEMA, changed)
        assert bool(wrong) is not THEIRS.is_valid(changed), wrong
        refused += bool(wrong)
    assert refused > 1_000


def test_a_keyword_it_does_not_know_is_an_error_of_the_schema() -> None:
    with pytest.raises(ValueError, match="multipleOf"):
        schema.errors({"multipleOf": 2}, 4)


def test_an_error_names_the_place(world: World) -> None:
    result = world.call(CALL)
    result["turns"][1]["start_s"] = -1
    assert schema.errors(RESULT_SCHEMA, result) == ["$.turns[1].start_s: must be at least 0"]
