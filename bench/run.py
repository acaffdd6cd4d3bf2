"""Times whole processes against the latency proxy: wall time, greatest memory, calls. May import bench.state only.

All cases are run in turn, n times over: a machine that is slow for a while is slow for all of them.

The proxy runs in a process of its own: a child's greatest memory starts at its parent's, so this one stays small.

    python -m bench.run [-n 5] [--delay-ms 50] [--runbook runbook.yaml] [--only scripts|cli]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.request import urlopen

from bench.state import ACCOUNT, REGION

_ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Sample:
    """One process: seconds, MiB, calls that reached the proxy, exit code."""

    wall_s: float
    memory_mib: float
    calls: int
    code: int


@dataclass(frozen=True)
class Case:
    """A command; `before` brings a fresh account into the state it is measured in."""

    name: str
    command: Sequence[str]
    before: Sequence[Sequence[str]] = ()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=5)
    parser.add_argument("--delay-ms", type=float, default=50.0)
    parser.add_argument("--runbook", type=Path, default=_ROOT / "runbook.yaml")
    parser.add_argument("--only", choices=("scripts", "cli"))
    asked = parser.parse_args()
    cases = [*_scripts(), *_commands(asked.runbook.resolve())]
    if asked.only:
        cases = _scripts() if asked.only == "scripts" else _commands(asked.runbook.resolve())
    print(f"| command | wall s (median of {asked.n}) | least | max RSS MiB | calls | exit |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    with _proxy(asked.delay_ms) as url:
        rounds = [[_sample(case, url) for case in cases] for _ in range(asked.n)]
    for case, samples in zip(cases, zip(*rounds, strict=True), strict=True):
        print(_row(case.name, samples))


def _scripts() -> list[Case]:
    naive = (sys.executable, "-m", "bench.naive")
    return [Case("naive.py", naive), Case("bare_reads.py", (sys.executable, "-m", "bench.bare_reads"), (naive,))]


def _commands(runbook: Path) -> list[Case]:
    base = (sys.executable, "-m", "cci_lite", "--runbook", str(runbook), "--account", ACCOUNT)
    provision = (*base, "provision", "--yes", "--phase", "1-2")
    return [
        Case("cci-lite plan (empty account)", (*base, "plan", "--phase", "1-2")),
        Case("cci-lite provision (empty account)", provision),
        Case("cci-lite plan (in place)", (*base, "plan", "--phase", "1-2"), (provision,)),
        Case("cci-lite provision (in place)", provision, (provision,)),
        Case("cci-lite validate (in place)", (*base, "validate", "--phase", "1-2"), (provision,)),
    ]


@contextmanager
def _proxy(delay_ms: float) -> Iterator[str]:
    """The proxy's URL, while it runs."""
    command = (sys.executable, "-W", "ignore", "-m", "bench.latency_proxy", "--delay-ms", str(delay_ms))
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip().partition("=")[2]
    finally:
        process.terminate()
        process.wait()


def _sample(case: Case, url: str) -> Sample:
    """An empty account for every sample, so that none finds what another left."""
    environment = _environment(url)
    _ask(url, "empty")
    for each in case.before:
        if code := _process(each, environment).code:
            raise SystemExit(f"preparing `{case.name}` failed: {' '.join(each)} ended with {code}")
    _ask(url, "forget")
    return replace(_process(case.command, environment), calls=len(json.loads(_ask(url, "calls"))))


def _ask(url: str, what: str) -> bytes:
    with urlopen(f"{url}/_bench/{what}") as answer:
        return bytes(answer.read())


def _process(command: Sequence[str], environment: dict[str, str]) -> Sample:
    """Start to exit as a user waits for it. wait4 tells the memory of exactly this process."""
    with TemporaryDirectory() as folder, TemporaryFile() as log:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            log.seek(0)
            sys.stderr.write(log.read().decode(errors="replace")[-2000:])
    return Sample(wall, usage.ru_maxrss / 1024, 0, process.returncode)


def _row(name: str, samples: Sequence[Sample]) -> str:
    codes = "/".join(map(str, sorted({each.code for each in samples})))
    calls = "/".join(map(str, sorted({each.calls for each in samples})))
    walls, memory = [each.wall_s for each in samples], median(each.memory_mib for each in samples)
    return f"| {name} | {median(walls):.2f} | {min(walls):.2f} | {memory:.0f} | {calls} | {codes} |"


def _environment(url: str) -> dict[str, str]:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    proxied = {"http_proxy": url, "no_proxy": "127.0.0.1"}  # AWS's hosts without TLS are answered here as well
    here = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**here, **keys, "AWS_ENDPOINT_URL": url, **proxied, "PYTHONPATH": str(_ROOT), "NO_COLOR": "1"}


if __name__ == "__main__":
    main()
