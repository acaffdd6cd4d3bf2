"""How cci-lite is typed here: by its name where the shell finds this very installation, else by its path."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

NAME = "cci-lite"


def program() -> str:
    """The word a command begins with, as it can be pasted into the shell it was started from."""
    try:
        script = _script()
        found = shutil.which(NAME)
        if script is None or (found and script.samefile(found)):
            return NAME
        return shlex.quote(_path(script, Path.cwd()))
    except OSError:  # the current folder is gone: nothing is better than its name
        return NAME


def _script() -> Path | None:
    """The file that runs, or that belongs to the Python that runs."""
    started = Path(sys.argv[0])
    script = started if started.name == NAME else Path(sys.executable).with_name(NAME)
    return script.absolute() if script.is_file() else None


def _path(script: Path, here: Path) -> str:
    """From the current folder where it lies below; a bare name would be looked for elsewhere."""
    if script.parent == here:
        return f"./{script.name}"
    return str(script.relative_to(here) if script.is_relative_to(here) else script)
