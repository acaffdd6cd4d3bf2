"""Rows of a query as a table, as CSV and as JSON values. Every cell came from outside and is shown as text only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from rich.cells import cell_len, set_cell_size

from cci_lite.cli.screen import clean, safe
from cci_lite.steps.queries import Column

Row = Sequence[str | None]
#: Rows that are looked at before the first is shown, to find the columns' widths.
_MEASURED = 100
_WIDEST = 60
_WHOLE = frozenset({"tinyint", "smallint", "integer", "bigint"})
_NUMBERS = _WHOLE | {"float", "real", "double", "decimal"}
#: What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def table_lines(columns: Sequence[Column], rows: Iterable[Row], *, full: bool = False) -> Iterator[str]:
    """A table in rich's markup, a line a row, while the rows come. Cells over 60 wide are cut unless `full`."""
    coming = iter(rows)
    first = list(islice(coming, _MEASURED))
    widths = [_width(place, each, first, full=full) for place, each in enumerate(columns)]
    yield f"[bold]{_line([each.name for each in columns], columns, widths, full=full)}[/bold]"
    yield "  ".join("-" * each for each in widths)
    for row in chain(first, coming):
        yield _line(row, columns, widths, full=full)


def csv_lines(columns: Sequence[Column], rows: Iterable[Row]) -> Iterator[str]:
    """CSV with a header (RFC 4180 but for the line ends), harmless in a spreadsheet: text never begins a formula."""
    yield _csv([_harmless(each.name) for each in columns])
    numeric = [each.type in _NUMBERS for each in columns]
    for row in rows:
        yield _csv([each if number else _harmless(each) for each, number in zip(row, numeric, strict=True)])


def value(cell: str | None, column: Column) -> str | int | float | bool | None:
    """A cell as JSON has it: numbers and booleans by the column's type, everything else as text."""
    if cell is None:
        return None
    if column.type in _WHOLE:
        return int(cell)
    if column.type in ("float", "real", "double"):
        number = float(cell)
        return number if abs(number) < float("inf") else cell  # JSON has neither NaN nor Infinity
    return cell == "true" if column.type == "boolean" else cell


def _width(place: int, column: Column, rows: Iterable[Row], *, full: bool) -> int:
    widest = max(cell_len(_flat(each)) for each in chain([column.name], (row[place] for row in rows)))
    return widest if full else min(widest, _WIDEST)


def _line(row: Row, columns: Sequence[Column], widths: Sequence[int], *, full: bool) -> str:
    cells = (_cell(each, column, width, full) for each, column, width in zip(row, columns, widths, strict=True))
    return safe("  ".join(cells).rstrip())


def _cell(cell: str | None, column: Column, width: int, full: bool) -> str:
    text = _flat(cell)
    if cell_len(text) > width and not full:
        return set_cell_size(text, width - 3) + "..." if width > 3 else set_cell_size(text, width)
    padding = " " * (width - cell_len(text))
    return padding + text if column.type in _NUMBERS else text + padding


def _flat(cell: str | None) -> str:
    """On one line, without what steers a terminal; null is shown as a word."""
    return "null" if cell is None else " ".join(clean(cell).split())


def _harmless(cell: str | None) -> str | None:
    if cell is None:
        return None
    text = clean(cell)
    return f"'{text}" if cell.startswith(_FORMULA) else text


def _csv(cells: Iterable[str | None]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
