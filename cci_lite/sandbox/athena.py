"""Athena: queries over Glue tables in S3, answered by engines.sql, written where the workgroup says. Hooks.

The emulator keeps workgroups and the history; what it lacks is here: projected partitions, a workgroup's enforced
settings, the caller's rights, the key of the answer, what was scanned. Source: aws-facts 11.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cci_lite.sandbox import describing, ministack, query_data
from cci_lite.sandbox.calls import Call, Forward, Refusal, Reply
from cci_lite.sandbox.engines import sql
from cci_lite.sandbox.layout import read_json, write_json

_log = logging.getLogger(__name__)
# How long Athena remembers a query.
KEPT_S = 45 * 24 * 3600
_AGAIN_S = 0.05
_INVALID = "InvalidRequestException"
_NO_OUTPUT = (
    "No output location provided. An output location is required either through the Workgroup result configuration "
    "setting or as an API input."
)


@dataclass(frozen=True)
class Asked:
    """Who asked, the ARN of the key for the answer, and the bytes that may be scanned."""

    call: Call
    key: str | None
    cutoff: int | None


_asked: ContextVar[Asked] = ContextVar("athena_asked")


@dataclass
class Athena:
    """folder: answers, one JSON file a query; save: keeps what a query changed in the emulator."""

    folder: Path
    save: Callable[[], None]
    _running: dict[str, Callable[[], None]] = field(default_factory=dict)

    def resume(self) -> None:
        """Ends what a stop or a kill interrupted: nobody works on it any more. Old queries are forgotten."""
        for record in ministack.query_executions():
            if record["Status"]["State"] in ("QUEUED", "RUNNING"):
                _end(record, "FAILED", "interrupted: the sandbox was stopped")
            if record["Status"]["SubmissionDateTime"] < time.time() - KEPT_S:
                ministack.forget_query(record["QueryExecutionId"])
        self._sweep()

    async def start_query_execution(self, call: Call, forward: Forward) -> Reply:
        """The workgroup's settings win where it enforces them; what does not parse is refused at once."""
        request = call.json()
        group = _enabled(request.get("WorkGroup", "primary"))
        configuration = group.get("Configuration", {})
        output = _output(configuration, request)
        if not output.get("OutputLocation"):
            raise Refusal(_INVALID, _NO_OUTPUT)
        query = str(request.get("QueryString", ""))
        hives = ministack.is_table_ddl(query) or describing.is_describe(query)
        if not hives and (wrong := sql.complaint(query)) is not None:
            raise Refusal(_INVALID, wrong, AthenaErrorCode="MALFORMED_QUERY")
        key = output.get("EncryptionConfiguration", {}).get("KmsKey")
        _asked.set(Asked(call, key, configuration.get("BytesScannedCutoffPerQuery")))
        location = output["OutputLocation"].rstrip("/") + "/"
        changed = {**request, "ResultConfiguration": {**output, "OutputLocation": location}}
        return await forward(replace(call, body=json.dumps(changed).encode()))

    async def get_query_results(self, call: Call, forward: Forward) -> Reply:
        """The answer is read back from its file: the emulator would keep all of them in memory."""
        record = ministack.query_execution(call.json().get("QueryExecutionId", ""))
        found = read_json(self._file(record["QueryExecutionId"])) if record else None
        if record is None or found is None:
            return await forward(call)
        record["_results"], record["_column_types"] = found["results"], found["types"]
        try:
            return await forward(call)
        finally:
            record["_results"] = None

    async def stop_query_execution(self, call: Call, forward: Forward) -> Reply:
        """Says so again until it is true: between two statements of one query an engine does not hear it."""
        reply = await forward(call)
        while (interrupt := self._running.get(call.json().get("QueryExecutionId", ""))) is not None:
            interrupt()
            await asyncio.sleep(_AGAIN_S)
        return reply

    async def run(self, query_id: str, query: str, database: str) -> None:
        """Carries out an accepted query and ends its record, unless somebody has stopped it."""
        record, asked, began = ministack.query_execution(query_id), _asked.get(), time.monotonic()
        assert record is not None
        record["Status"]["State"] = "RUNNING"
        state, reason = "SUCCEEDED", ""
        try:
            await self._answer(record, asked, query, database)
        except _Cancelled as cancelled:
            state, reason = "CANCELLED", str(cancelled)
        except (sql.SqlError, ValueError) as error:
            state, reason = "FAILED", str(error)
        except Exception as error:
            # Whatever went wrong here, nobody may wait for ever.
            _log.exception("query %s", query_id)
            state, reason = "FAILED", f"GENERIC_INTERNAL_ERROR: {error!r}"
        finally:
            self._running.pop(query_id, None)
        record["Statistics"]["TotalExecutionTimeInMillis"] = int((time.monotonic() - began) * 1000)
        if record["Status"]["State"] == "RUNNING":
            _end(record, state, reason)
        self.save()

    async def _answer(self, record: dict[str, Any], asked: Asked, query: str, database: str) -> None:
        if ministack.is_table_ddl(query):
            ministack.run_table_ddl(query, database)
            return
        if describing.is_describe(query):
            self._keep(record["QueryExecutionId"], describing.described(query, database, ministack.glue_tables()))
            return
        query_id = record["QueryExecutionId"]
        found, scanned = await asyncio.to_thread(query_data.read, asked.call, query, database)
        record["Statistics"]["DataScannedInBytes"] = scanned
        if asked.cutoff is not None and scanned > asked.cutoff:
            raise _Cancelled("Bytes scanned limit was exceeded")

        def running(interrupt: Callable[[], None]) -> None:
            self._running[query_id] = interrupt
            if record["Status"]["State"] != "RUNNING":
                raise _Cancelled(record["Status"].get("StateChangeReason", ""))

        rows = await asyncio.to_thread(sql.run, query, database, found, running)
        if record["Status"]["State"] == "RUNNING":
            await query_data.write(asked.call, record, asked.key, rows)
            self._keep(query_id, rows)

    async def delete_work_group(self, call: Call, forward: Forward) -> Reply:
        """Not while it has a history, unless that may go as well."""
        name = call.json().get("WorkGroup", "")
        _existing(name)
        history = ministack.query_executions(name)
        if history and not call.json().get("RecursiveDeleteOption"):
            raise Refusal(_INVALID, f"WorkGroup {name} is not empty")
        reply = await forward(call)
        if reply[0] < 400:
            for record in history:
                ministack.forget_query(record["QueryExecutionId"])
            self._sweep()
        return reply

    def _sweep(self) -> None:
        """Answers go with their queries."""
        known = {record["QueryExecutionId"] for record in ministack.query_executions()}
        for path in self.folder.glob("*.json"):
            if path.stem not in known:
                path.unlink()

    def _keep(self, query_id: str, rows: sql.Rows) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        results = {"columns": [name for name, _ in rows.columns], "rows": rows.rows}
        write_json(self._file(query_id), {"results": results, "types": [kind for _, kind in rows.columns]})

    def _file(self, query_id: str) -> Path:
        return self.folder / f"{query_id}.json"


class _Cancelled(Exception):
    """Athena ended the query by itself."""


async def update_work_group(call: Call, forward: Forward) -> Reply:
    """The emulator forgets the owner that the output's bucket must have."""
    group = _existing(call.json().get("WorkGroup", ""))
    reply = await forward(call)
    updates = call.json().get("ConfigurationUpdates", {}).get("ResultConfigurationUpdates", {})
    if "ExpectedBucketOwner" in updates:
        output = group.setdefault("Configuration", {}).setdefault("ResultConfiguration", {})
        output["ExpectedBucketOwner"] = updates["ExpectedBucketOwner"]
    return reply


async def get_work_group(call: Call, forward: Forward) -> Reply:
    name = call.json().get("WorkGroup", "")
    if name != "primary":
        _existing(name)
    return await forward(call)


def _end(record: dict[str, Any], state: str, reason: str) -> None:
    record["Status"].update(State=state, StateChangeReason=reason, CompletionDateTime=int(time.time()))


def _existing(name: str) -> dict[str, Any]:
    group = ministack.workgroup(name)
    if group is None:
        raise Refusal(_INVALID, f"WorkGroup {name} is not found.")
    return group


def _enabled(name: str) -> dict[str, Any]:
    """`primary` is there from the beginning, without an output."""
    group = ministack.workgroup(name) or {} if name == "primary" else _existing(name)
    if group.get("State", "ENABLED") != "ENABLED":
        raise Refusal(_INVALID, f"WorkGroup {name} is disabled.")
    return group


def _output(configuration: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    own = dict(configuration.get("ResultConfiguration", {}))
    if own and configuration.get("EnforceWorkGroupConfiguration", True):
        return own
    return {**own, **request.get("ResultConfiguration", {})}
