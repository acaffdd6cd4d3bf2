"""Where evidence lies on the operator's machine. Standard library only. Deleting it does no harm: AWS is the state."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path


def state_folder() -> Path:
    """$CCI_LITE_HOME, else $XDG_STATE_HOME/cci-lite, else ~/.local/state/cci-lite."""
    if own := os.environ.get("CCI_LITE_HOME"):
        return Path(own)
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "cci-lite"


def new_run(now: datetime) -> str:
    """A run's id: the time it began (UTC), and a random end, so that two never collide."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def for_its_owner(path: Path, text: str) -> None:
    """Write a file that, where it is new, nobody else on the machine can read. Raises OSError."""
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def run_folder(run: str) -> Path:
    """The folder of one run, made for its owner only. Raises OSError when it cannot be."""
    folder = state_folder() / "runs" / run
    folder.mkdir(mode=0o700, parents=True)
    return folder
