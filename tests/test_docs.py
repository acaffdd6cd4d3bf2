"""Tests, files and functions that the documents name are there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCS = (*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md", ROOT / "bench" / "README.md")
ERRATA, MUTATION = ROOT / "docs" / "errata.md", ROOT / "docs" / "mutation.md"
#: Of which package each part of the mutation report is.
PACKAGES = {"Engine": "cci_lite/engine", "Policies": "cci_lite/aws/policy", "Payload": "cci_lite/payload/processor"}
_TEST = re.compile(r"\b(tests/[\w/]+\.py)::(\w+)")
#: A path from the root of the repository, with * as in a shell.
_FILE = re.compile(r"(?<![\w/.-])(?:cci_lite|tests|docs|bench|tools)/[\w./*-]*\w")
#: What names no file of the repository: notes that the project began with, and the plan.
_NOTES = re.compile(r"\b(?:emulators|design|style|aws-facts|cci-lite-plan)\.md\b")


def rows(document: Path) -> list[list[str]]:
    """The cells of each numbered row of a document's tables."""
    lines = (each for each in document.read_text(encoding="utf-8").splitlines() if re.match(r"\| \d+ \|", each))
    return [[cell.strip() for cell in each.strip("| ").split(" | ")] for each in lines]


@cache
def functions(path: Path) -> frozenset[str]:
    """The functions of a module; those of its classes as Class.function too."""

    def below(node: ast.AST, before: str) -> Iterator[str]:
        for each in ast.iter_child_nodes(node):
            if isinstance(each, ast.ClassDef | ast.FunctionDef):
                yield from (each.name, f"{before}{each.name}")
                yield from below(each, f"{before}{each.name}.")

    return frozenset(below(ast.parse(path.read_text(encoding="utf-8")), "")) if path.is_file() else frozenset()


def lost(text: str) -> list[str]:
    """Tests and files that `text` names and that are not there."""
    tests = [f"{path}::{name}" for path, name in _TEST.findall(text) if name not in functions(ROOT / path)]
    return tests + [each for each in sorted(set(_FILE.findall(text))) if not any(ROOT.glob(each))]


@pytest.mark.parametrize("row", rows(ERRATA), ids=lambda row: row[0])
def test_each_row_of_the_errata_names_tests_that_are_there(row: list[str]) -> None:
    assert len(row) == 6 and all(row)
    named = row[-1].split(", ")
    assert [each for each in named if not _TEST.fullmatch(each.strip("`"))] == []
    assert lost(row[-1]) == []


def test_the_rows_of_the_errata_are_counted_without_a_gap() -> None:
    numbers = [int(row[0]) for row in rows(ERRATA)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 40


@pytest.mark.parametrize("document", DOCS, ids=lambda each: str(each.relative_to(ROOT)))
def test_tests_and_files_that_a_document_names_are_there(document: Path) -> None:
    assert lost(document.read_text(encoding="utf-8")) == []


def test_functions_that_the_mutation_report_names_are_there() -> None:
    folder, module, found = "", "", dict[str, bool]()
    for line in MUTATION.read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            folder = PACKAGES[line.split()[1]]
        for name in re.findall(r"`([\w.]+)`", line.split(" | ")[0]) if folder and line.startswith("| `") else ():
            module, function = (module, name[1:]) if name.startswith(".") else name.split(".", 1)
            found[name] = function in functions(ROOT / folder / f"{module}.py")
    assert len(found) > 40 and [name for name, there in found.items() if not there] == []


def test_no_file_points_at_notes_that_are_not_part_of_the_repository() -> None:
    folders = ("cci_lite", "tests", "bench", "tools", "docs")
    files = [each for folder in folders for kind in ("py", "md", "yaml") for each in (ROOT / folder).rglob(f"*.{kind}")]
    pointing = [each for each in files if each != Path(__file__) and _NOTES.search(each.read_text(encoding="utf-8"))]
    assert len(files) > 400 and pointing == []


@pytest.mark.parametrize(
    "text",
    [
        "`tests/test_docs.py::test_that_nobody_wrote`",
        "`tests/test_nothing.py::test_lost`",
        "see docs/nothing.md, or",
        "(cci_lite/nothing/)",
        "tests/*/test_nothing_*.py",
    ],
)
def test_what_is_not_there_is_lost(text: str) -> None:
    assert lost(text) and not lost("`tests/test_docs.py::test_what_is_not_there_is_lost`, docs/errata.md, (tests/aws).")
