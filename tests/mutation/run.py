"""Mutation testing with mutmut, on a copy of the checkout: `python -m tests.mutation.run [--package P] [--sample N]`.

The copy matters: mutmut writes its settings and mutants into the folder it runs in, and the checkout stays as it is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_SLOW = (
    "tests/payload/test_bad_input.py::"
    "test_two_megabytes_of_talk_by_one_person_are_read_to_the_cap_and_said_to_be_truncated",
    "tests/payload/test_schema.py::test_both_judge_spoilt_results_alike",
)
#: In mutmut's notes: pytest's own exit codes, and those of a worker out of time. 33 means that no test came near.
_KILLED = {1: "killed", 3: "killed", -24: "timeout", 24: "timeout", 36: "timeout"}


@dataclass(frozen=True)
class Target:
    """code: what is mutated; tests: what is run for it; without: tests that are too slow, or about the files."""

    code: str
    tests: str
    without: tuple[str, ...] = ()


TARGETS = {
    "engine": Target("cci_lite/engine/*", "tests/engine"),
    "policy": Target("cci_lite/aws/policy/*", "tests/policy", ("--ignore=tests/policy/test_against_ministack.py",)),
    "payload": Target(
        "cci_lite/payload/processor/*",
        "tests/payload",
        ("--ignore=tests/payload/test_pack.py", *(f"--deselect={each}" for each in _SLOW)),
    ),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 1 when fewer than 85 of 100 are killed in any package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", action="append", choices=list(TARGETS), help="all three unless named")
    parser.add_argument("--sample", type=int, help="only so many mutants of each, chosen at random")
    parser.add_argument("--seed", type=int, default=20261124)
    asked = parser.parse_args(arguments)
    shares = [_tested(name, asked.sample, asked.seed) for name in asked.package or TARGETS]
    return int(min(shares) < 0.85)


def _tested(name: str, sample: int | None, seed: int) -> float:
    """Mutates one package, prints the survivors; the share that was killed."""
    with tempfile.TemporaryDirectory(prefix=f"mutants-{name}-") as made:
        folder = Path(made)
        _copy(folder, TARGETS[name])
        if sample:
            _mutmut(folder, ["no.such.mutant"])
            every = sorted(_codes(folder))
            _mutmut(folder, random.Random(seed).sample(every, min(sample, len(every))))
        else:
            _mutmut(folder, [])
        return _told(name, _codes(folder))


def _copy(folder: Path, target: Target) -> None:
    for each in ("cci_lite", "tests", "docs", "bench", "tools"):
        shutil.copytree(ROOT / each, folder / each, ignore=shutil.ignore_patterns("__pycache__"))
    for each in ("pyproject.toml", "runbook.yaml"):
        shutil.copy(ROOT / each, folder / each)
    settings = {
        "source_paths": ["cci_lite/"],
        "only_mutate": [target.code],
        "also_copy": ["tests", "docs", "bench", "tools", "pyproject.toml", "runbook.yaml"],
        "pytest_add_cli_args_test_selection": [target.tests],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", *target.without],
    }
    lines = ["[mutmut]", *(f"{name} =\n    " + "\n    ".join(values) for name, values in settings.items())]
    (folder / "setup.cfg").write_text("\n".join(lines) + "\n")


def _mutmut(folder: Path, names: Sequence[str]) -> None:
    """mutmut ends with an error when a name matches nothing: its notes are what counts."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1), *names]
    subprocess.run(command, cwd=folder, check=False)


def _codes(folder: Path) -> dict[str, int | None]:
    """Mutant -> exit code of its tests, None while it has not been tried."""
    notes = (json.loads(each.read_text()) for each in folder.glob("mutants/**/*.meta"))
    return {name: code for each in notes for name, code in each["exit_code_by_key"].items()}


def _told(name: str, codes: Mapping[str, int | None]) -> float:
    ends = {mutant: _KILLED.get(code, "survived") for mutant, code in codes.items() if code is not None}
    counts = Counter(ends.values())
    share = (counts["killed"] + counts["timeout"]) / max(len(ends), 1)
    for mutant in sorted(each for each, end in ends.items() if end == "survived"):
        print(mutant)
    print(f"{name}: {len(ends)} of {len(codes)} mutants tried, {dict(counts)}, killed {share:.1%}")
    return share


if __name__ == "__main__":
    raise SystemExit(main())
