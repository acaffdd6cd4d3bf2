"""Where the sandbox keeps its files: one state folder, known by its marker. Standard library only."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKER = "cci-lite-sandbox"
ACCOUNT = "111122223333"
REGION = "eu-central-1"


@dataclass(frozen=True)
class Layout:
    """Paths under the state folder. Everything private is made with mode 0600 in a 0700 folder."""

    state: Path

    @property
    def marker(self) -> Path:
        return self.state / MARKER

    @property
    def lock(self) -> Path:
        return self.state / "lock"

    @property
    def server(self) -> Path:
        """pid, ports, account and region of the daemon that runs (or ran last)."""
        return self.state / "server.json"

    @property
    def credentials(self) -> Path:
        return self.state / "credentials.json"

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def ca(self) -> Path:
        return self.state / "ca.pem"

    @property
    def certificate(self) -> Path:
        return self.state / "server.pem"

    @property
    def key(self) -> Path:
        return self.state / "server-key.pem"

    @property
    def services(self) -> Path:
        """The emulator's own state, one JSON file a service."""
        return self.state / "services"

    @property
    def objects(self) -> Path:
        """The bytes of S3 objects."""
        return self.state / "objects"

    @property
    def layer(self) -> Path:
        """What the sandbox adds to the emulator: jobs, subscriptions, role ages."""
        return self.state / "layer"

    @property
    def mailbox(self) -> Path:
        """Mails that AWS would have sent, one JSON file each."""
        return self.state / "mailbox"

    @property
    def scratch(self) -> Path:
        """Temporary files of running functions; emptied at each start."""
        return self.state / "scratch"

    def create(self) -> None:
        """Makes the folder and its parts; a folder that holds somebody else's files is refused by `ours`."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.marker.exists():
            self.marker.write_text("A cci-lite sandbox: `cci-lite sandbox reset` deletes this folder's content.\n")
        for folder in (self.services, self.objects, self.layer, self.mailbox, self.scratch):
            folder.mkdir(exist_ok=True, mode=0o700)

    def ours(self) -> bool:
        """Whether the folder is absent, empty or marked as a sandbox."""
        # The marker comes last: another process may be making the folder right now, and makes the marker first.
        return not self.state.exists() or not any(self.state.iterdir()) or self.marker.exists()

    def contents(self) -> tuple[Path, ...]:
        """Everything `reset` deletes: all but the marker and the lock."""
        return (
            self.services, self.objects, self.layer, self.mailbox, self.scratch, self.server, self.credentials,
            self.log, self.ca, self.certificate, self.key,
        )  # fmt: skip


def write_json(path: Path, value: Any, *, mode: int = 0o600) -> None:
    """Replaces the file in one step, so that a reader or a crash sees the old or the new content, never half."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1, sort_keys=True)
    scratch.replace(path)


def read_json(path: Path) -> Any:
    """The file's value, or None when there is no such file."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
