"""A table of whole lines: each line is a row as it is, also one that is no JSON; anything else is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cci_lite.sandbox import tables
from cci_lite.sandbox.engines.sql import SqlError

NOW = datetime(2026, 11, 29, 23, 59, 59, tzinfo=UTC)
LINES = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"


def table(serde: str, *columns: str) -> dict[str, Any]:
    storage = {
        "Location": "s3://results/",
        "Columns": [{"Name": each, "Type": "string"} for each in columns],
        "SerdeInfo": {"SerializationLibrary": serde, "Parameters": {"serialization.format": "1"}},
    }
    return {"StorageDescriptor": storage, "PartitionKeys": [], "Parameters": {}}


def test_each_line_is_a_row_whatever_it_says() -> None:
    content = b'{"call_id": "a", "turns": []}\n\n{"call_id":\nnull\n'
    rows = list(tables.rows(table(LINES, "document"), content))
    assert rows == [{"document": '{"call_id": "a", "turns": []}'}, {"document": '{"call_id":'}, {"document": "null"}]


def test_the_files_are_those_of_any_other_table() -> None:
    found = tables.members(table(LINES, "document"), ["a.json", "_hidden.json", ".temporary"], NOW)
    assert [each.key for each in found] == ["a.json"]


@pytest.mark.parametrize(
    ("serde", "columns"), [(LINES, ("first", "second")), ("org.apache.hadoop.hive.serde2.OpenCSVSerde", ("document",))]
)
def test_what_the_sandbox_cannot_read_it_refuses(serde: str, columns: tuple[str, ...]) -> None:
    with pytest.raises(SqlError, match="NOT_SUPPORTED: the sandbox's Athena reads tables of JSON or of whole lines"):
        list(tables.members(table(serde, *columns), ["a.json"], NOW))
