"""SQL as Athena answers it, run by DuckDB on tables given as rows. Knows neither AWS's services nor files of others.

What differs between Trino and DuckDB is bridged where the runbook's queries need it: function names, integer
division, the words of errors. The engine sees nothing but the tables: no file, no network.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

CATALOG = "awsdatacatalog"
_HIVE = {
    "string": "VARCHAR", "double": "DOUBLE", "float": "FLOAT", "bigint": "BIGINT", "int": "INTEGER",
    "smallint": "SMALLINT", "tinyint": "TINYINT", "boolean": "BOOLEAN", "date": "DATE", "timestamp": "TIMESTAMP",
}  # fmt: skip
#: DuckDB's types as Athena names them; a sum of whole numbers is a HUGEINT there and a bigint here.
_ATHENA = {
    "DOUBLE": "double", "FLOAT": "float", "BIGINT": "bigint", "HUGEINT": "bigint", "UBIGINT": "bigint",
    "INTEGER": "integer", "SMALLINT": "smallint", "TINYINT": "tinyint", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP": "timestamp", "DECIMAL": "decimal",
}  # fmt: skip
_TRINO = (
    "from_iso8601_timestamp(s) AS CAST(s AS TIMESTAMPTZ) AT TIME ZONE 'UTC'",
    "from_iso8601_date(s) AS CAST(s AS DATE)",
    "date_parse(s, f) AS strptime(s, f)",  # alike for days; minutes are %i there and %M here
    "date_format(t, f) AS strftime(t, f)",
    "json_parse(j) AS CAST(j AS JSON)",
    "json_extract_scalar(j, p) AS CASE WHEN json_valid(j) THEN json_extract_string(j, p) END",
    "approx_percentile(v, p) AS approx_quantile(v, p)",
    "approx_distinct(v) AS approx_count_distinct(v)",
    "regexp_like(s, p) AS regexp_matches(s, p)",
)
_SETTINGS = ("TimeZone = 'UTC'", "integer_division = true", "enable_external_access = false")
#: DuckDB's complaint -> Athena's code and words; the first group is the name at fault.
_COMPLAINTS = (
    (r"Table with name (\S+) does not exist", "TABLE_NOT_FOUND", "Table '{catalog}.{database}.{name}' does not exist"),
    (r"Schema with name (\S+) does not exist", "SCHEMA_NOT_FOUND", "Schema '{name}' does not exist"),
    (
        r'Referenced column "([^"]+)" not found',
        "COLUMN_NOT_FOUND",
        "Column '{name}' cannot be resolved or requester is not authorized to access requested resources",
    ),
    (r"Function with name (\S+) does not exist", "FUNCTION_NOT_FOUND", "Function '{name}' not registered"),
)
_QUERIES = ("SELECT", "EXPLAIN", "RELATION")


class SqlError(Exception):
    """The query cannot be answered; the text is in Athena's words."""


@dataclass(frozen=True)
class Table:
    """columns: name -> Hive type; rows: values by column name, absent ones are null."""

    database: str
    name: str
    columns: Mapping[str, str]
    rows: Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Rows:
    """columns: (name, Athena type); rows: cells as text, None for null."""

    columns: list[tuple[str, str]]
    rows: list[list[str | None]]


def complaint(query: str) -> str | None:
    """What Athena refuses at once: what does not parse, and more than one statement. None when it may run."""
    import duckdb

    try:
        statements = duckdb.extract_statements(query)
    except duckdb.Error as error:
        found = re.search(r'at or near "(.*?)"', str(error))
        token = found.group(1) if found else "<EOF>"
        return f"{_place(query, str(error), token)}: mismatched input '{token}'"
    if len(statements) != 1:
        return "Only one sql statement is allowed."
    return None


def run(query: str, database: str, tables: Iterable[Table], started: Callable[[Callable[[], None]], None]) -> Rows:
    """The answer. `started` gets what interrupts the statement at work. Raises SqlError."""
    import duckdb

    kind = duckdb.extract_statements(query)[0].type.name
    if kind not in _QUERIES:
        raise SqlError(f"NOT_SUPPORTED: the sandbox's Athena runs queries and CREATE or DROP TABLE, not {kind}")
    with duckdb.connect(":memory:") as engine:
        started(partial(_interrupt, engine))
        try:
            _prepare(engine, database, tables)
            answer = engine.execute(query)
            columns = [(str(each[0]), _type(each[1])) for each in answer.description or ()]
            return Rows(columns, [[text(cell) for cell in row] for row in answer.fetchall()])
        except duckdb.Error as error:
            raise SqlError(_in_athenas_words(query, database, str(error))) from error


def _interrupt(engine: Any) -> None:
    import duckdb

    with suppress(duckdb.Error):  # it has ended
        engine.interrupt()


def text(value: Any) -> str | None:
    """A value as Athena prints it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{value.microsecond // 1000:03d}"
    return str(value)


def _prepare(engine: Any, database: str, tables: Iterable[Table]) -> None:
    """Everything is copied in, then the outside is locked out."""
    engine.execute(f"ATTACH ':memory:' AS {CATALOG}")
    for each in tables:
        _load(engine, each)
    engine.execute(f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{_quoted(database)}")
    engine.execute(f"USE {CATALOG}.{_quoted(database)}")
    for macro in _TRINO:
        engine.execute(f"CREATE TEMP MACRO {macro}")
    for setting in _SETTINGS:
        engine.execute(f"SET {setting}")


def _load(engine: Any, table: Table) -> None:
    types = {name: _duckdb(hive) for name, hive in table.columns.items()}
    target = f"{CATALOG}.{_quoted(table.database)}"
    columns = ", ".join(f"{_quoted(name)} {kind}" for name, kind in types.items())
    engine.execute(f"CREATE SCHEMA IF NOT EXISTS {target}")
    engine.execute(f"CREATE TABLE {target}.{_quoted(table.name)} ({columns})")
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
        for row in table.rows:
            file.write(json.dumps({name: row.get(name) for name in types}) + "\n")
        file.flush()
        if Path(file.name).stat().st_size:
            reader = "read_json(?, format = 'newline_delimited', maximum_object_size = 67108864, columns = ?)"
            engine.execute(f"INSERT INTO {target}.{_quoted(table.name)} SELECT * FROM {reader}", [file.name, types])


def _duckdb(hive: str) -> str:
    if hive not in _HIVE:
        raise SqlError(f"NOT_SUPPORTED: the sandbox's Athena has no columns of type {hive}")
    return _HIVE[hive]


def _type(duckdb_type: Any) -> str:
    return _ATHENA.get(str(duckdb_type).split("(")[0], "varchar")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _in_athenas_words(query: str, database: str, error: str) -> str:
    for pattern, code, words in _COMPLAINTS:
        if found := re.search(pattern, error):
            name = found.group(1).strip('"!')
            told = words.format(catalog=CATALOG, database=database, name=name)
            return f"{code}: {_place(query, error, name)}: {told}"
    if "INTERRUPT" in error:
        return "Query was cancelled by user"
    code = "INVALID_CAST_ARGUMENT" if error.startswith("Conversion Error") else "GENERIC_USER_ERROR"
    return f"{code}: {error.splitlines()[0]}"


def _place(query: str, error: str, name: str) -> str:
    """`line L:C` of the name at fault; DuckDB tells the line, and shortens long ones."""
    found = re.search(r"^LINE (\d+):", error, re.MULTILINE)
    line = int(found.group(1)) if found else 1
    lines = query.split("\n")
    return f"line {line}:{max(lines[line - 1].lower().find(name.lower()), 0) + 1 if line <= len(lines) else 1}"
