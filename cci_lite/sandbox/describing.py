"""DESCRIBE as Athena answers it: what Hive prints, three columns and rows of one cell. Pure; knows no server.

Source: github.com/uber/athenadriver, resources/UndocumentedAthena.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cci_lite.sandbox import tables
from cci_lite.sandbox.engines.sql import Rows, SqlError

#: Hive's words, in which names that are not plain stand between backticks.
_DESCRIBE = re.compile(r"(?i)\s*DESC(RIBE)?\s+(`?(?P<database>[\w-]+)`?\.)?`?(?P<table>\w+)`?\s*;?\s*")


def is_describe(query: str) -> bool:
    return _DESCRIBE.fullmatch(query) is not None


def described(query: str, database: str, known: Iterable[Mapping[str, Any]]) -> Rows:
    """The answer to a DESCRIBE, of one of the `known` tables. Raises SqlError."""
    asks = _DESCRIBE.fullmatch(query)
    assert asks is not None
    wanted = (asks["database"] or database, asks["table"].lower())
    for table in known:
        if (table["DatabaseName"], table["Name"]) == wanted:
            told = [(each, "string") for each in ("col_name", "data_type", "comment")]
            return Rows(told, [[line] for line in _lines(table)])
    raise SqlError(f"FAILED: SemanticException [Error 10001]: Table not found {asks['table']}")


def _lines(table: Mapping[str, Any]) -> list[str]:
    """A line a column, its parts padded and parted by tabs; partition keys once more below."""
    keys = [each["Name"] for each in table.get("PartitionKeys", [])]
    lines = {name: _padded(name, kind, "") for name, kind in tables.columns(table).items()}
    heading = ["\t \t ", "# Partition Information\t \t ", _padded("# col_name", "data_type", "comment"), "\t \t "]
    return [*lines.values(), *([*heading, *(lines[each] for each in keys)] if keys else [])]


def _padded(*parts: str) -> str:
    return "\t".join(f"{each:<20}" for each in parts)
