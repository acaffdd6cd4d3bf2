"""Start, find, stop and reset the sandbox daemon. Imports nothing that costs time: every command may need it."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cci_lite.evidence import folder
from cci_lite.sandbox.layout import Layout, read_json

_POLL_S = 0.05
_STOP_S = 10.0
# The daemon's exit status when another one holds the folder.
ALREADY_RUNNING = 3


class SandboxError(Exception):
    """The sandbox could not be started, stopped or reset; the text says why, with the log's last lines."""


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
    """The daemon of this folder if its process lives and answers for itself; a left-over pid file counts as none."""
    layout = Layout(state)
    server = read_json(layout.server)
    credentials = read_json(layout.credentials)
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


def up(state: Path, *, wait_s: float = 30.0) -> Sandbox:
    """Starts the daemon unless it runs, and waits until it answers.

    Raises SandboxError when the folder is not a sandbox's, or the daemon ends or stays silent for `wait_s` seconds.
    """
    if (found := running(state)) is not None:
        return found
    layout = Layout(state.absolute())
    if not layout.ours():
        raise SandboxError(f"{state} holds other files; name an empty folder in CCI_LITE_SANDBOX")
    layout.create()
    pid = _spawn(layout)
    # Another `up` may have won the lock: then our daemon ends and the other one is about to answer.
    _until(lambda: running(state) is not None or not (_alive(pid) or _locked(layout)), wait_s)
    found = running(state)
    if found is None or found.pid != pid:
        # Ours lost, or never answered: it must not start later, when the other one is stopped.
        _kill(pid)
        _until(lambda: not _alive(pid), _STOP_S)
    if found is None:
        raise SandboxError(f"the sandbox did not start within {wait_s:g} s; end of {layout.log}:\n{_tail(layout.log)}")
    return found


def down(state: Path) -> bool:
    """Stops the daemon and keeps its state. False when none was running."""
    found = running(state)
    if found is None:
        return False
    os.kill(found.pid, signal.SIGTERM)
    if not _until(lambda: not _alive(found.pid), _STOP_S):
        _kill(found.pid)
        _until(lambda: not _alive(found.pid), _STOP_S)
    return True


def reset(state: Path) -> None:
    """Stops the daemon and deletes what the sandbox made. Raises SandboxError for a folder that is not a sandbox's.

    What others put there stays, the demo's page for one, and the marker with it: the folder is still a sandbox's.
    """
    layout = Layout(state)
    if not state.exists() or not any(state.iterdir()):
        return
    if not layout.marker.exists():
        raise SandboxError(f"{state} is not a sandbox's folder: it has no file {layout.marker.name}")
    down(state)
    for path in layout.contents():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    if not set(state.iterdir()) - {layout.marker}:
        layout.marker.unlink()


def _spawn(layout: Layout) -> int:
    """The new daemon's pid. A bare spawn, because the daemon is meant to outlive this process."""
    with layout.log.open("ab") as log:
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-m", "cci_lite.sandbox.daemon", str(layout.state)],
            _environment(),
            setsid=True,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, log.fileno(), 2),
            ],
        )


def _locked(layout: Layout) -> bool:
    """Whether a daemon holds the folder."""
    with layout.lock.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _environment() -> dict[str, str]:
    """The daemon runs other people's Lambda code: nothing of the operator's AWS environment may reach it."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CCI_LITE_"))}
    # `-m` finds the package where this process found it, installed or not.
    root = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return kept


def _answers(port: int, pid: int) -> bool:
    if not _alive(pid):
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


def _alive(pid: int) -> bool:
    # A child of ours that has ended stays visible to `kill` until it is reaped.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _until(done: Callable[[], bool], wait_s: float) -> bool:
    deadline = time.monotonic() + wait_s
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
