"""The queries that prove the catalog, and what their answers prove. Pure; not a step.

A row of nulls proves nothing: it is JSON of something else. A line that is no JSON ends a query of columns; as a whole
document it is text like any other, so that the second query names its file where the first can only fail.
"""

from __future__ import annotations

_NAMED = 5
Rows = list[tuple[str | None, ...]]


def rows_query(database: str, table: str) -> str:
    """The plan's own query."""
    return f'SELECT tenant_id, summary, sentiment_label FROM "{database}"."{table}" ORDER BY 1 DESC LIMIT 10'


def rows(found: Rows) -> tuple[int, str]:
    """How many rows have a value in them, and how that is told."""
    count = sum(any(cell is not None for cell in row) for row in found)
    return count, f"{count} rows"


def documents_query(database: str, table: str) -> str:
    """How many lines of whole results are results, how many are not, and where the first of those lie."""
    version = "json_extract_scalar(try(json_parse(document)), '$.schema_version')"
    lines = f'SELECT "$path" AS path, {version} AS version FROM "{database}"."{table}"'
    counts = "count(version) OVER (), count(*) OVER () - count(version) OVER ()"
    return f"SELECT path, {counts} FROM ({lines}) ORDER BY version NULLS FIRST, path LIMIT {_NAMED}"


def documents(found: Rows) -> tuple[int, str]:
    """How many results there are, and how that and the files of other lines are told."""
    results, others = (int(each or 0) for each in found[0][1:]) if found else (0, 0)
    named = ", ".join(dict.fromkeys(str(path) for path, *_ in found[:others]))
    return results, f"{results} results{f' and {others} lines that are none ({named})' if others else ''}"
