"""One command's surroundings: runbook, AWS (or the sandbox), steps, screen, interruption.

Everything heavy is imported here and in the commands' own functions, so that --help stays quick.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cci_lite.cli.exits import FAILED, USAGE, Stop
from cci_lite.cli.interrupt import stop
from cci_lite.cli.options import ENVIRONMENT, Common
from cci_lite.cli.screen import Screen, safe

if TYPE_CHECKING:
    from cci_lite.aws.cloud import Cloud
    from cci_lite.aws.connect import Access
    from cci_lite.aws.site import Site
    from cci_lite.cli.selection import Selection
    from cci_lite.engine.events import Listener
    from cci_lite.engine.graph import Graph
    from cci_lite.engine.hands import Hands
    from cci_lite.runbook import Runbook
    from cci_lite.sandbox.control import Sandbox


@dataclass
class Opened:
    """The runbook that the command has read, for explaining an error that ends it; typed: how commands begin."""

    runbook: Runbook | None = None
    typed: str = "cci-lite"


opened = Opened()


@dataclass
class Session:
    """What a command works with. `sandbox` is None on AWS."""

    common: Common
    runbook: Runbook
    cloud: Cloud
    graph: Graph
    screen: Screen
    sandbox: Sandbox | None

    def say_again(self, command: str) -> str:
        """`command` as it has to be typed to mean the same runbook and account again."""
        return f"{self.screen.typed} {command}"


def _typed(common: Common) -> str:
    """How a command begins that means the same runbook and account again. What the environment says, it says again."""
    named = {"--runbook": common.runbook, "--profile": common.profile, "--account": common.account}
    told = {option: os.environ.get(name) for option, name in ENVIRONMENT.items()}
    typed = {option: str(value) for option, value in named.items() if value and str(value) != told.get(option)}
    words = [f"{option} {shlex.quote(value)}" for option, value in typed.items()]
    return " ".join(["cci-lite", *words, *(["--sandbox"] if common.sandbox else [])])


def open_session(common: Common, *, read_only: bool, stream: bool = False, about: Selection | None = None) -> Session:
    """Read the runbook, then connect. Raises Stop, RunbookError, Refused.

    stream: JSON comes as events; about: the steps that are going to be looked at, so that many clients are needed.
    """
    from cci_lite.aws.connect import PLANNED, connect
    from cci_lite.cli.selection import selected
    from cci_lite.engine.clock import SystemClock
    from cci_lite.runbook import build, load
    from cci_lite.steps import REGISTRY

    opened.typed = _typed(common)
    runbook = opened.runbook = load(find_runbook(common.runbook), REGISTRY)
    screen = Screen(as_json=common.json, stream=stream, quiet=common.quiet, verbose=common.verbose)
    screen.typed = opened.typed
    if about:
        selected(runbook, *about)  # what is unknown is refused before anybody is asked
    sandbox = start_sandbox(screen) if common.sandbox else None
    pinned = sandbox.account if sandbox else common.account or runbook.account
    access = _access(common, runbook, sandbox)
    soon, clock = PLANNED if about else (), SystemClock(stop)
    cloud = connect(access, pinned=pinned, read_only=read_only, clock=clock, stopped=stop.is_set, soon=soon)
    if about:
        screen.say(safe(f"Account {cloud.site.account} in {cloud.site.region}, as {_who(cloud.site)}; {runbook.path}"))
    return Session(common, runbook, cloud, build(runbook, REGISTRY, cloud), screen, sandbox)


def _who(site: Site) -> str:
    return site.caller.split(":")[-1] or "nobody known"


def find_runbook(given: Path | None) -> Path:
    """The one that was named, else runbook.yaml here or above, up to the root of the git checkout."""
    if given is not None:
        return given
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "runbook.yaml").is_file():
            return folder / "runbook.yaml"
        if (folder / ".git").exists():
            break
    raise Stop(USAGE, "there is no runbook.yaml here or in a folder above", "give one with --runbook FILE")


def start_sandbox(screen: Screen) -> Sandbox:
    """The running sandbox, started when it is not running."""
    from cci_lite.sandbox import control

    folder = control.state_folder()
    try:
        found = control.running(folder)
        if found is None:
            screen.say("Starting the sandbox ...")
            found = control.up(folder)
    except control.SandboxError as error:
        raise Stop(FAILED, str(error), error.hint) from error
    return found


def _access(common: Common, runbook: Runbook, sandbox: Sandbox | None) -> Access:
    from cci_lite.aws.connect import Access

    return _inside(sandbox) if sandbox else Access(runbook.region, profile=common.profile)


def connect_sandbox(sandbox: Sandbox) -> Cloud:
    """The sandbox as its operator, without a runbook."""
    from cci_lite.aws.connect import connect
    from cci_lite.engine.clock import SystemClock

    clock = SystemClock(stop)
    return connect(_inside(sandbox), pinned=sandbox.account, read_only=False, clock=clock, stopped=stop.is_set)


def _inside(sandbox: Sandbox) -> Access:
    from cci_lite.aws.connect import Access

    _forget_aws()
    return Access(
        sandbox.region,
        endpoint=sandbox.endpoint,
        plain_endpoint=sandbox.http_endpoint,
        verify=str(sandbox.ca_bundle),
        access_key_id=sandbox.access_key_id,
        secret_access_key=sandbox.secret_access_key,
    )


def _forget_aws() -> None:
    """In the sandbox, nothing of the operator's AWS environment and profiles may matter."""
    for name in [each for each in os.environ if each.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)


def hands(session: Session, tell: Listener) -> Hands:
    """The engine's hands for this session; `tell` gets its events."""
    from cci_lite.aws.scope import at_step, glance, unlikely
    from cci_lite.engine.hands import Hands

    clock, jobs = session.cloud.clock, session.common.jobs
    return Hands(clock, tell, jobs, stop.is_set, inside=at_step, glance=glance, unlikely=unlikely)
