"""The account that a live run works in: the installed command and clients for it. Knows boto3 and the command only."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import yaml

from tests.live import runs, things
from tests.live.limits import Limits
from tests.live.runs import Run
from tests.ran import Ran

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("cci-lite")
SHIPPED = yaml.safe_load((ROOT / "runbook.yaml").read_text())
REGION = str(SHIPPED["region"])


@dataclass(frozen=True)
class Account:
    """AWS, or the sandbox where the limits name an endpoint. home: a folder for runbook and state."""

    run: Run
    allowed: Limits
    home: Path
    _clients: dict[str, Any] = field(default_factory=dict)
    _last: dict[str, Ran] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> Ran:
        """The installed command, with this run's runbook and the account pinned."""
        where = ["--sandbox"] if self.allowed.endpoint else ["--account", self.allowed.account]
        given = [str(COMMAND), "--runbook", str(self.runbook), *where, *arguments]
        environment = {**os.environ, "CCI_LITE_HOME": str(self.home / "state"), "CI": "1"}
        self._last.clear()
        ran = self._last[arguments[0]] = _run(given, environment)
        return ran

    @property
    def torn_down(self) -> Ran | None:
        """The last command, when it was a teardown that brought all it should."""
        ran = self._last.get("teardown")
        return ran if ran and ran.code == 0 else None

    @property
    def runbook(self) -> Path:
        return self.home / "runbook.yaml"

    def write_runbook(self) -> None:
        self.runbook.write_text(yaml.safe_dump(runs.runbook_of(self.run, SHIPPED), sort_keys=False))

    def client(self, service: str) -> Any:
        """AWS as the operator sees it, without the product."""
        if service not in self._clients:
            endpoint = self.allowed.endpoint or None
            self._clients[service] = boto3.client(service, region_name=REGION, endpoint_url=endpoint)
        return self._clients[service]

    def name(self, step: str, key: str = "name") -> str:
        """What this run calls the thing of a step."""
        steps = [each for phase in SHIPPED["phases"] for each in phase["steps"]]
        named = next(each[key] for each in steps if each["id"] == step)
        return self.run.named(named).format(account=self.allowed.account, region=REGION)

    @property
    def key_arn(self) -> str:
        found = self.client("kms").describe_key(KeyId=self.name("master-key", "alias"))
        return str(found["KeyMetadata"]["Arn"])

    def functions(self) -> frozenset[str]:
        pages = self.client("lambda").get_paginator("list_functions").paginate()
        return frozenset(each["FunctionName"] for page in pages for each in page["Functions"])

    def teardown(self) -> Ran:
        """Everything of this run goes, with its data."""
        data = (self.name("input-bucket"), self.name("results-bucket"), self.name("master-key", "alias"))
        return self("teardown", "--yes", *(word for each in data for word in ("--delete-data", each)))

    def left(self) -> list[things.Thing]:
        """What carries this run's tag."""
        return [each for each in things.everything(self.client) if runs.known(each.tags) == self.run]

    def foreign(self) -> list[things.Thing]:
        """What does not, with its tags."""
        return [each for each in things.everything(self.client) if runs.known(each.tags) != self.run]


def _run(given: list[str], environment: dict[str, str]) -> Ran:
    """The command's own end is waited for, also after Ctrl-C: subprocess.run would kill it, and leave its lease."""
    pipe = subprocess.PIPE
    with subprocess.Popen(given, stdout=pipe, stderr=pipe, text=True, env=environment, cwd=ROOT) as running:
        try:
            out, err = running.communicate()
        except KeyboardInterrupt:
            running.communicate()
            raise
    return Ran(running.returncode, out, err)


def caller(account: Account) -> str:
    """The account that the credentials belong to."""
    return str(account.client("sts").get_caller_identity()["Account"])
