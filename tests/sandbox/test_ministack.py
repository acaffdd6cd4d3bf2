"""The emulator's private names that the sandbox touches: all are there, in the version they were written for.

What they do is tested by the behaviours that stand on them, in the other files of this folder.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from tests.sandbox.conftest import CODE

SANDBOX = CODE / "sandbox"
PACKAGE = SANDBOX / "ministack"


def touched() -> set[tuple[str, str]]:
    """(module of the emulator, attribute) for every attribute of such a module that the package uses."""
    found: set[tuple[str, str]] = set()
    for file in PACKAGE.glob("*.py"):
        tree = ast.parse(file.read_text())
        aliases = dict(imported(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute):
                if isinstance(node.value, ast.Name) and node.value.id in aliases:
                    found.add((aliases[node.value.id], node.attr))
                elif (module := called(node.value)) is not None:
                    found.add((module, node.attr))
    return found


def imported(tree: ast.Module) -> list[tuple[str, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            module = called(node.value)
            found += [(node.target.id, module)] if module is not None else []
    return found


def called(node: ast.expr | None) -> str | None:
    """The module in import_module("...") ."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "import_module":
        argument = node.args[0]
        assert isinstance(argument, ast.Constant)
        return str(argument.value)
    return None


def test_the_emulator_is_the_version_the_touches_were_written_for() -> None:
    assert version("ministack") == "1.5.33"


def test_every_touched_name_exists(tmp_path: Path) -> None:
    names = sorted(touched())
    assert len(names) > 30
    script = (
        "import sys, json\n"
        "from pathlib import Path\n"
        "from cci_lite.sandbox.environment import configure\n"
        "from cci_lite.sandbox.layout import Layout\n"
        "configure(Layout(Path(sys.argv[1])), 1, 2)\n"
        "from importlib import import_module\n"
        "wanted = json.loads(sys.argv[2])\n"
        "print([n for m, n in wanted if not hasattr(import_module(m), n)])\n"
    )
    import json

    run = [sys.executable, "-c", script, str(tmp_path), json.dumps(names)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_other_file_of_the_sandbox_touches_the_emulator() -> None:
    for file in SANDBOX.rglob("*.py"):
        if PACKAGE not in file.parents:
            text = file.read_text()
            assert "import ministack." not in text
            assert "from ministack" not in text
            assert '"ministack.' not in text
