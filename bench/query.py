"""Times `cci-lite query` over many results in a sandbox of its own: whole processes, from start to exit.

The results are copies of the one that the sample call became, spread over days. Run: python -m bench.query
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import boto3
from botocore.config import Config

from cci_lite.sandbox import control

_ROOT = Path(__file__).parent.parent
_TENANT = "demo-tenant"
_TODAY = datetime.now(UTC).date()
_DAYS = 30
_WRITERS = 8
QUERIES = {
    "the plan's own": "SELECT tenant_id, summary, sentiment_label FROM results ORDER BY 1 DESC LIMIT 10",
    "a count": "SELECT count(*) FROM results",
    "a trend by day": "SELECT dt, avg(sentiment_positive), count(*) FROM results GROUP BY 1 ORDER BY 1",
    "one day": f"SELECT call_id, summary FROM results WHERE dt = '{_TODAY - timedelta(days=3):%Y/%m/%d}'",
    "files that are no result": 'SELECT "$path" FROM results WHERE schema_version IS NULL',
    "whole documents": 'SELECT "$path", document, dt FROM documents ORDER BY dt DESC, '
    "json_extract_scalar(document, '$.call_started_at') DESC LIMIT 2001",
}


@dataclass(frozen=True)
class Sample:
    """One query: the command from start to exit, its own processor time, Athena's share of the wall time, rows."""

    wall_s: float
    processor_s: float
    athena_s: float
    rows: int


@dataclass(frozen=True)
class Command:
    """The installed command, with a sandbox and a state folder of its own."""

    home: Path

    def __call__(self, *arguments: str) -> tuple[str, float, float]:
        """What it printed, seconds, seconds of processor time. Exit code 4 is right where only a person can go on."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CCI_LITE_"))}
        folders = {"CCI_LITE_SANDBOX": str(self.home / "sandbox"), "CCI_LITE_HOME": str(self.home / "state")}
        given = (sys.executable, "-m", "cci_lite", "--sandbox", *arguments)
        with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
            began = time.perf_counter()
            process = subprocess.Popen(given, env={**kept, **folders, "CI": "1"}, cwd=_ROOT, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode not in (0, 4):
                err.seek(0)
                raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}: {err.read()[-2000:]}")
            out.seek(0)
            return out.read(), wall, usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=5)
    parser.add_argument("--results", type=int, default=1200)
    asked = parser.parse_args()
    with _sandbox() as command:
        _fill(command, asked.results)
        columns = f"wall s (median of {asked.n}) | processor s | in Athena s | rows"
        print(f"| query over {asked.results} results | {columns} |\n|---|---:|---:|---:|---:|", flush=True)
        for name, sql in QUERIES.items():
            print(_row(name, [_ask(command, sql) for _ in range(asked.n)]), flush=True)


@contextmanager
def _sandbox() -> Iterator[Command]:
    with TemporaryDirectory() as folder:
        command = Command(Path(folder))
        try:
            yield command
        finally:
            control.down(command.home / "sandbox")


def _fill(command: Command, results: int) -> None:
    """Everything of phases 1 to 3, and copies of the sample's result."""
    for phases in ("1-2", "3"):
        command("provision", "--phase", phases, "--yes")
    s3 = _client(command, "s3")
    names = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    bucket = next(each for each in names if each.startswith("cci-lite-results-"))
    found = s3.list_objects_v2(Bucket=bucket, Prefix=f"{_TENANT}/2")["Contents"]
    result = json.loads(s3.get_object(Bucket=bucket, Key=found[0]["Key"])["Body"].read())

    def put(number: int) -> None:
        call, day = f"copy-{number:08x}", _TODAY - timedelta(days=number % _DAYS)
        body = json.dumps({**result, "call_id": call}, ensure_ascii=False) + "\n"
        s3.put_object(Bucket=bucket, Key=f"{_TENANT}/{day:%Y/%m/%d}/{call}.json", Body=body.encode())

    with ThreadPoolExecutor(max_workers=_WRITERS) as pool:
        list(pool.map(put, range(results - 1)))


def _client(command: Command, service: str) -> Any:
    """AWS as the operator sees it, without the product."""
    found = control.running(command.home / "sandbox")
    if found is None:
        raise SystemExit("the sandbox is not running")
    session = boto3.Session(found.access_key_id, found.secret_access_key, region_name=found.region)
    config = Config(s3={"addressing_style": "path"}, max_pool_connections=_WRITERS)
    return session.client(service, endpoint_url=found.endpoint, verify=str(found.ca_bundle), config=config)


def _ask(command: Command, sql: str) -> Sample:
    printed, wall, processor = command("query", sql, "--json", "--limit", "5000")
    told = json.loads(printed)
    done = _client(command, "athena").get_query_execution(QueryExecutionId=told["query_execution_id"])
    took = done["QueryExecution"]["Statistics"]["TotalExecutionTimeInMillis"] / 1000
    return Sample(wall, processor, took, len(told["rows"]))


def _row(name: str, samples: Sequence[Sample]) -> str:
    wall, processor = median(each.wall_s for each in samples), median(each.processor_s for each in samples)
    athena = median(each.athena_s for each in samples)
    return f"| {name} | {wall:.2f} | {processor:.2f} | {athena:.2f} | {samples[0].rows} |"


if __name__ == "__main__":
    main()
