"""Glue tables as Athena reads them: projected partitions, hidden files, lines as JSON or whole. Pure; knows no server.

Sources: aws-facts 11; Athena's user guide, "Partition projection" and "OpenX JSON SerDe".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlparse

from cci_lite.sandbox.engines.sql import SqlError

_SERDES = ("org.openx.data.jsonserde.JsonSerDe", "org.apache.hive.hcatalog.data.JsonSerDe")
_LINES = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_DATE_PARTS = {"yyyy": r"\d{4}", "MM": r"\d{2}", "dd": r"\d{2}"}
_STRPTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d"}
_NOW = re.compile(r"\s*NOW\s*((?P<sign>[+-])\s*(?P<number>\d+)\s*(?P<unit>WEEK|DAY)S?\s*)?")
_NUMBERS = ("tinyint", "smallint", "int", "bigint", "float", "double")
#: The column that tells which object a row comes from; only there for queries that name it.
PATH = "$path"


@dataclass(frozen=True)
class File:
    """An object that belongs to a table, and the values of its partition."""

    key: str
    partition: Mapping[str, str]


def bucket(table: Mapping[str, Any]) -> str:
    """The bucket the table lies in."""
    return urlparse(str(table["StorageDescriptor"]["Location"])).netloc


def columns(table: Mapping[str, Any]) -> dict[str, str]:
    """Name -> Hive type, partition keys last, as Athena shows them."""
    listed = [*table["StorageDescriptor"].get("Columns", []), *table.get("PartitionKeys", [])]
    return {each["Name"]: each.get("Type", "string") for each in listed}


def members(table: Mapping[str, Any], keys: Iterable[str], now: datetime) -> Iterator[File]:
    """The objects of the table among the bucket's keys. Names that begin with "_" or "." are hidden.

    now: the moment from which projected days are counted, in UTC.
    """
    serde = table["StorageDescriptor"].get("SerdeInfo", {}).get("SerializationLibrary", "")
    lines = serde == _LINES and len(table["StorageDescriptor"].get("Columns", [])) == 1
    if serde not in _SERDES and not lines:
        raise SqlError(f"NOT_SUPPORTED: the sandbox's Athena reads tables of JSON or of whole lines, not {serde}")
    pattern, dates = _pattern(table)
    ranges = {name: _range(table["Parameters"], name, now) for name in dates}
    for key in keys:
        found = pattern.fullmatch(key)
        if found is None or any(part.startswith(("_", ".")) for part in found["rest"].split("/")):
            continue
        values = {name: value for name, value in found.groupdict().items() if name != "rest"}
        if all(_within(values[name], *ranges[name]) for name in dates):
            yield File(key, values)


def rows(table: Mapping[str, Any], content: bytes) -> Iterator[dict[str, Any]]:
    """One row a line. Raises SqlError at a line that is no JSON object, unless the table says to let it pass."""
    serde = table["StorageDescriptor"]["SerdeInfo"]
    parameters = serde.get("Parameters", {})
    whole = serde.get("SerializationLibrary") == _LINES
    lenient = parameters.get("ignore.malformed.json", "").lower() == "true"
    types = {each["Name"]: each.get("Type", "string") for each in table["StorageDescriptor"]["Columns"]}
    for line in content.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            continue
        if whole:
            yield {next(iter(types)): line}
            continue
        found = _object(line)
        if found is None and not lenient:
            raise SqlError("HIVE_CURSOR_ERROR: Row is not a valid JSON Object")
        yield {name: _cell(name, (found or {}).get(name), hive) for name, hive in types.items()}


def _object(line: str) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
    except ValueError:
        return None
    return {name.lower(): each for name, each in value.items()} if isinstance(value, dict) else None


def _cell(name: str, value: Any, hive: str) -> Any:
    """A JSON value in a column; structures in a text column are shown as JSON."""
    if value is None:
        return None
    if hive == "string":
        return value if isinstance(value, str) else json.dumps(value)
    wanted = int | float if hive in _NUMBERS else bool if hive == "boolean" else str
    if not isinstance(value, wanted) or (hive in _NUMBERS and isinstance(value, bool)):
        raise SqlError(f"HIVE_BAD_DATA: Error parsing a column in the table: {name} is {json.dumps(value)}")
    return value


def _pattern(table: Mapping[str, Any]) -> tuple[re.Pattern[str], list[str]]:
    """What the keys of the table's objects look like, and which partition keys are dates."""
    location = urlparse(str(table["StorageDescriptor"]["Location"])).path.strip("/")
    given, partition = table.get("Parameters", {}), [each["Name"] for each in table.get("PartitionKeys", [])]
    if not partition:
        return re.compile(f"{re.escape(location + '/') if location else ''}(?P<rest>.+[^/])"), []
    if given.get("projection.enabled", "").lower() != "true":
        return re.compile(r"(?!)(?P<rest>)"), []  # partitions that nobody registered: no files
    template = given.get("storage.location.template") or f"{table['StorageDescriptor']['Location']}"
    path = re.escape(urlparse(template).path.strip("/"))
    for name in partition:
        path = path.replace(re.escape(f"${{{name}}}"), f"(?P<{name}>{_values(given, name)})")
    return re.compile(f"{path}/(?P<rest>.+[^/])"), [
        name for name in partition if given.get(f"projection.{name}.type") == "date"
    ]


def _values(given: Mapping[str, str], name: str) -> str:
    """What a partition key can be, as a regular expression."""
    kind = given.get(f"projection.{name}.type")
    if kind == "enum":
        values = given.get(f"projection.{name}.values", "").split(",")
        return "|".join(re.escape(each) for each in values)
    if kind == "date":
        return re.sub("yyyy|MM|dd", lambda found: _DATE_PARTS[found[0]], re.escape(given[f"projection.{name}.format"]))
    raise SqlError(f"INVALID_TABLE_PROPERTY: the sandbox projects enum and date, not {kind} of {name}")


def _range(given: Mapping[str, str], name: str, now: datetime) -> tuple[str, datetime, datetime]:
    """The form of a day, and the first and the last one, of projection.NAME.range."""
    form = re.sub("yyyy|MM|dd", lambda found: _STRPTIME[found[0]], given[f"projection.{name}.format"])
    first, last = given[f"projection.{name}.range"].split(",")
    return form, _end(first, form, now), _end(last, form, now)


def _end(text: str, form: str, now: datetime) -> datetime:
    """An end of a range: a day as it is, or counted from NOW, the current day in UTC."""
    found = _NOW.fullmatch(text)
    try:
        return _moment(_counted(found, now).strftime(form) if found else text, form)
    except ValueError as error:
        raise SqlError(f"INVALID_TABLE_PROPERTY: the sandbox counts from NOW in weeks and days, not {text}") from error


def _counted(found: re.Match[str], now: datetime) -> datetime:
    number = int(f"{found['sign'] or ''}{found['number'] or 0}")
    return now + timedelta(**{f"{(found['unit'] or 'DAY').lower()}s": number})


def _within(value: str, form: str, first: datetime, last: datetime) -> bool:
    try:
        return first <= _moment(value, form) <= last
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def _moment(value: str, form: str) -> datetime:
    """Parsed once: a table has many more files than days."""
    return datetime.strptime(value, form)
