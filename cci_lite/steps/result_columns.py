"""The columns of the results table, derived from the result's own schema. Not a step; knows payload's schema only.

Only scalars: structures do not aggregate, and QuickSight refuses them (aws-facts 8.11, 11). Moments stay text in ISO
8601, which sorts by time; Athena reads them with from_iso8601_timestamp.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cci_lite.payload.processor.result_schema import RESULT_SCHEMA

#: JSON Schema's scalar types and the Hive types that hold them.
_TYPES = {"string": "string", "number": "double", "integer": "bigint", "boolean": "boolean"}


def result_columns() -> dict[str, str]:
    """Column -> Hive type, for every scalar field of a result, in the schema's order."""
    found = {name: _hive(shape) for name, shape in RESULT_SCHEMA["properties"].items()}
    return {name: hive for name, hive in found.items() if hive is not None}


def _hive(shape: Mapping[str, Any]) -> str | None:
    """The Hive type of one field; None for lists and objects."""
    values = shape.get("enum", [shape["const"]] if "const" in shape else [])
    if values:
        return "string" if all(isinstance(each, str | None) for each in values) else None
    types = shape.get("type", [])
    named = [each for each in ([types] if isinstance(types, str) else types) if each != "null"]
    return _TYPES.get(named[0]) if len(named) == 1 else None
