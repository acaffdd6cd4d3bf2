"""What a query reads, and where its answer goes, by the rights of whoever asked (aws-facts 11). Knows no server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlparse

from cci_lite.sandbox import encryption, ministack, objects, tables
from cci_lite.sandbox.calls import Call, Refusal
from cci_lite.sandbox.engines import sql


def read(call: Call, query: str, database: str) -> tuple[list[sql.Table], int]:
    """The tables whose names the query speaks, with their rows still unread, and the bytes their objects have.

    Raises SqlError where the caller may not see a table, or may not read one object of it.
    """
    found, scanned, spoken = [], 0, query.lower()
    for table in ministack.glue_tables():
        if table["Name"] in spoken and (table["DatabaseName"] == database or table["DatabaseName"] in spoken):
            _check_catalog(call, table)
            contents = list(_contents(call, table))
            scanned += sum(len(content) for _, content in contents)
            shown = {**tables.columns(table), **({tables.PATH: "string"} if f'"{tables.PATH}"' in spoken else {})}
            found.append(sql.Table(table["DatabaseName"], table["Name"], shown, _rows(table, contents)))
    return found, scanned


async def write(call: Call, record: dict[str, Any], reference: str | None, rows: sql.Rows) -> None:
    """The answer as CSV, under the workgroup's key. Raises SqlError where the caller may not do that."""
    where = urlparse(record["ResultConfiguration"]["OutputLocation"])
    location = objects.Location(where.netloc, where.path.lstrip("/"))
    header: list[str | None] = [name for name, _ in rows.columns]
    content = "".join(",".join(_quoted(cell) for cell in line) + "\n" for line in [header, *rows.rows])
    try:
        key = encryption.usable(reference) if reference else None
        if objects.unwritable(call, location, key) is not None:
            raise sql.SqlError(f"Access denied when writing output to url: s3://{location.bucket}/{location.key}")
        await objects.put(location, content.encode(), key, "text/csv")
    except Refusal as refusal:
        raise sql.SqlError(f"Unable to verify/create output bucket {location.bucket}") from refusal


def _check_catalog(call: Call, table: dict[str, Any]) -> None:
    """GetTable is asked of the catalog, the database and the table."""
    database, name = table["DatabaseName"], table["Name"]
    base = f"arn:aws:glue:{ministack.region()}:{ministack.account()}"
    for arn in (f"{base}:catalog", f"{base}:database/{database}", f"{base}:table/{database}/{name}"):
        if (who := ministack.denied(call, "glue:GetTable", arn)) is not None:
            raise sql.SqlError(f"User: {who} is not authorized to perform: glue:GetTable on resource: {arn}")


def _contents(call: Call, table: dict[str, Any]) -> Iterator[tuple[tables.File, bytes]]:
    """Every object is asked for; every key once, because a check takes longer than a result does to read."""
    bucket = tables.bucket(table)

    @cache
    def locked(key: str) -> bool:
        return encryption.refused(call, "kms:Decrypt", key, bucket) is not None

    for file in tables.members(table, ministack.object_keys(bucket), datetime.now(UTC)):
        location, key = objects.Location(bucket, file.key), ministack.object_key(bucket, file.key)
        if ministack.denied(call, "s3:GetObject", location.arn) is not None or (key is not None and locked(key)):
            raise sql.SqlError(f"PERMISSION_DENIED: Permission denied on S3 path: s3://{bucket}/{file.key}")
        yield file, objects.read(location) or b""


def _rows(table: dict[str, Any], contents: list[tuple[tables.File, bytes]]) -> Iterator[dict[str, Any]]:
    for file, content in contents:
        path = f"s3://{tables.bucket(table)}/{file.key}"
        yield from ({**row, **file.partition, tables.PATH: path} for row in tables.rows(table, content))


def _quoted(cell: str | None) -> str:
    """Null is nothing at all, the empty text a pair of quotes."""
    return "" if cell is None else '"' + cell.replace('"', '""') + '"'
