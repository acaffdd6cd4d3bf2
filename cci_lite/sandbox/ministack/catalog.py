"""The emulator's Glue and Athena as the layer uses them. See the package's docstring."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

_athena: Any = import_module("ministack.services.athena")
_glue: Any = import_module("ministack.services.glue")
_s3: Any = import_module("ministack.services.s3")


def glue_tables() -> list[dict[str, Any]]:
    """Every table of the account and region acted for, as GetTable shows it."""
    return list(_glue._tables.values())


def object_keys(bucket: str) -> list[str]:
    """The keys of a bucket's current objects, sorted; [] when there is no such bucket."""
    found = _s3._buckets.get(bucket)
    return sorted(found["objects"]) if found is not None else []


def object_key(bucket: str, key: str) -> str | None:
    """The ARN of the KMS key that the object is under; None without one, and without the object."""
    found = (_s3._buckets.get(bucket) or {"objects": {}})["objects"].get(key)
    stored: dict[str, str] = {} if found is None else _s3._stored_sse_headers(found)
    return stored.get("x-amz-server-side-encryption-aws-kms-key-id")


def workgroup(name: str) -> dict[str, Any] | None:
    """The emulator's record of a workgroup, to be changed in place."""
    found: dict[str, Any] | None = _athena._workgroups.get(name)
    return found


def query_execution(query_id: str) -> dict[str, Any] | None:
    """The emulator's record of a query, to be changed in place."""
    found: dict[str, Any] | None = _athena._executions.get(query_id)
    return found


def query_executions(group: str | None = None) -> list[dict[str, Any]]:
    """The records of a workgroup's queries, or of all in every region, to be changed in place."""
    if group is None:
        return [record for *_, record in _athena._executions.all_items()]
    return [each for each in _athena._executions.values() if each.get("WorkGroup") == group]


def forget_query(query_id: str) -> None:
    """Drops the record of a query."""
    _athena._executions.pop(query_id, None)


def is_table_ddl(query: str) -> bool:
    """Whether the statement creates or drops a Glue table."""
    return _athena._parse_ddl(query) is not None


def run_table_ddl(query: str, database: str) -> None:
    """Carries out CREATE EXTERNAL TABLE or DROP TABLE. Raises ValueError with the reason."""
    _athena._run_ddl(_athena._parse_ddl(query), database)


def replace_query_execution(run: Callable[[str, str, str], Awaitable[None]]) -> None:
    """Every accepted query goes to `run(id, SQL, database)`, which ends its record."""

    async def execute(query_id: str, query: str, database: str, *_: Any) -> None:
        await run(query_id, query, database)

    _athena._execute_query = execute
