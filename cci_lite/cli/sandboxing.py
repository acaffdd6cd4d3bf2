"""sandbox up, down, reset, status, confirm: the local AWS as a daemon of this user."""

from __future__ import annotations

from cci_lite.cli.confirming import run_confirm
from cci_lite.cli.exits import DONE, FAILED, Stop
from cci_lite.cli.options import Common
from cci_lite.cli.screen import Screen
from cci_lite.cli.session import start_sandbox
from cci_lite.sandbox import control


def run_sandbox(common: Common, verb: str) -> int:
    """The exit code of `cci-lite sandbox VERB`."""
    screen = Screen(as_json=common.json, quiet=common.quiet, verbose=common.verbose)
    try:
        return _VERBS[verb](screen)
    except control.SandboxError as error:
        raise Stop(FAILED, str(error), error.hint) from error


def _up(screen: Screen) -> int:
    return _tell(screen, start_sandbox(screen))


def _down(screen: Screen) -> int:
    stopped = control.down(control.state_folder())
    screen.document({"schema": "cci-lite/sandbox/1", "running": False})
    screen.show("The sandbox is stopped; what it holds is kept." if stopped else "The sandbox was not running.")
    return DONE


def _reset(screen: Screen) -> int:
    control.reset(control.state_folder())
    screen.document({"schema": "cci-lite/sandbox/1", "running": False})
    screen.show("The sandbox is stopped and empty.")
    return DONE


def _status(screen: Screen) -> int:
    found = control.running(control.state_folder())
    if found is None:
        screen.document({"schema": "cci-lite/sandbox/1", "running": False})
        busy = control.held(control.state_folder())
        there = "starting, or too busy to answer" if busy else "not running. Start it: cci-lite sandbox up"
        screen.show(f"The sandbox is {there}")
        return DONE
    return _tell(screen, found)


def _tell(screen: Screen, found: control.Sandbox) -> int:
    facts = {
        "account": found.account,
        "region": found.region,
        "endpoint": found.endpoint,
        "ca_bundle": str(found.ca_bundle),
        "pid": found.pid,
        "state": str(found.state),
    }
    screen.document({"schema": "cci-lite/sandbox/1", "running": True, **facts})
    screen.show(f"The sandbox runs: account {found.account}, {found.region}, {found.endpoint} (process {found.pid})")
    screen.show(f"  its state: {found.state}")
    return DONE


_VERBS = {"up": _up, "down": _down, "reset": _reset, "status": _status, "confirm": run_confirm}
