"""Times `cci-lite dashboard` in a sandbox of its own, and a browser opening the page. May import tests.dashboard.

python -m bench.dashboard [--calls 1200 10000]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any

import boto3
from botocore.config import Config

from cci_lite.sandbox import control
from tests.dashboard.browser import chromium, opened
from tests.dashboard.synthetic import documents

_TENANT = "demo-tenant"
_THREADS = 8
#: Whatever their number, calls are spread over the days up to now that results are kept.
_DAYS = 28
_COMMAND = (sys.executable, "-m", "cci_lite", "--sandbox", "--json", "dashboard", "--out")


@dataclass(frozen=True)
class Sample:
    """One page: seconds, processor seconds and MiB of the command, start to exit; the file; until a browser drew it."""

    wall_s: float
    cpu_s: float
    memory_mib: float
    file_mb: float
    open_s: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[1_200, 10_000])
    print("| calls | wall s | CPU s | max RSS MiB | file MB | opened in s |\n|---:|---:|---:|---:|---:|---:|")
    with TemporaryDirectory() as folder, _sandbox(Path(folder)) as environment:
        for count in sorted(parser.parse_args().calls):
            _fill(Path(environment["CCI_LITE_SANDBOX"]), count)
            found = _sample(Path(folder) / "page.html", count, environment)
            print(_row(count, found), flush=True)


@contextmanager
def _sandbox(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environment of a sandbox in which everything is in place and one call has become a result."""
    folders = {"CCI_LITE_SANDBOX": str(folder / "sandbox"), "CCI_LITE_HOME": str(folder / "state")}
    environment = {**os.environ, **folders, "CI": "1"}
    try:
        _run(environment, "demo")
        yield environment
    finally:
        _run(environment, "sandbox", "reset")


def _run(environment: Mapping[str, str], *arguments: str) -> None:
    command = (sys.executable, "-m", "cci_lite", *arguments)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} ended with {done.returncode}\n{done.stderr[-2000:]}")


def _fill(state: Path, count: int) -> None:
    """Results as the processor would write them; the same call has the same key, so that a second filling adds."""
    s3, bucket = _s3(state)

    def put(document: tuple[str, str]) -> None:
        place, text = document
        day_and_call = place.split("/", 4)[4]
        s3.put_object(Bucket=bucket, Key=f"{_TENANT}/{day_and_call}", Body=text.encode())

    with ThreadPoolExecutor(_THREADS) as threads:
        first = datetime.now(UTC) - timedelta(days=_DAYS)
        for _ in threads.map(put, documents(count, hours_apart=_DAYS * 24 / count, first=first)):
            pass


def _s3(state: Path) -> tuple[Any, str]:
    """A client, and the bucket of results."""
    found = control.running(state)
    assert found is not None
    session = boto3.Session(found.access_key_id, found.secret_access_key, region_name=found.region)
    config = Config(max_pool_connections=_THREADS)
    s3 = session.client("s3", endpoint_url=found.endpoint, verify=str(found.ca_bundle), config=config)
    names = [str(each["Name"]) for each in s3.list_buckets()["Buckets"]]
    return s3, next(each for each in names if each.startswith("cci-lite-results-"))


def _row(count: int, found: Sample) -> str:
    process = f"{found.wall_s:.2f} | {found.cpu_s:.2f} | {found.memory_mib:.0f}"
    return f"| {count} | {process} | {found.file_mb:.2f} | {found.open_s:.2f} |"


def _sample(page: Path, count: int, environment: Mapping[str, str]) -> Sample:
    """wait4 tells the memory of exactly this process. A page of fewer calls than asked for is no measurement."""
    with TemporaryFile("w+") as out:
        begun = time.perf_counter()
        process = subprocess.Popen([*_COMMAND, str(page), "--limit", str(count)], env=environment, stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        told = out.read()
    if process.returncode:
        raise SystemExit(f"dashboard ended with {process.returncode}")
    if (calls := json.loads(told)["calls"]) != count:
        raise SystemExit(f"{calls} calls of {count} are on the page")
    with chromium() as browser:
        begun = time.perf_counter()
        opened(browser, page)
        drawn = time.perf_counter() - begun
    cpu = usage.ru_utime + usage.ru_stime
    return Sample(wall, cpu, usage.ru_maxrss / 1024, page.stat().st_size / 1e6, drawn)


if __name__ == "__main__":
    main()
