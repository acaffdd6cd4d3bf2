"""The installed command, driven as a person would, against a sandbox of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from cci_lite.sandbox import control
from tests.ran import Ran

ROOT = Path(__file__).parents[2]
COMMAND = Path(sys.executable).with_name("cci-lite")


@dataclass(frozen=True)
class Product:
    """The command with a sandbox and a state folder of its own."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CCI_LITE_"))}
        folders = {"CCI_LITE_SANDBOX": str(self.home / "sandbox"), "CCI_LITE_HOME": str(self.home / "state")}
        return {**kept, **folders, "CI": "1"}

    def __call__(self, *arguments: str, sandbox: bool = True) -> Ran:
        given = [str(COMMAND), *(["--sandbox"] if sandbox else []), *arguments]
        done = subprocess.run(given, capture_output=True, text=True, env=self.environment, cwd=ROOT, check=False)
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """The command, not waited for."""
        given = [str(COMMAND), "--sandbox", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(given, stdout=pipe, stderr=pipe, text=True, env=self.environment, cwd=ROOT)

    @property
    def sandbox(self) -> control.Sandbox:
        found = control.running(self.home / "sandbox")
        assert found is not None
        return found

    def client(self, service: str) -> Any:
        """AWS as the operator sees it, without the product."""
        found = self.sandbox
        session = boto3.Session(found.access_key_id, found.secret_access_key, region_name=found.region)
        return session.client(service, endpoint_url=found.endpoint, verify=str(found.ca_bundle))

    def confirm_mail(self) -> None:
        """The person opens their mail and clicks the link."""
        for path in (self.sandbox.state / "mailbox").glob("*.json"):
            mail = json.loads(path.read_text())
            if "token" in mail:
                self.client("sns").confirm_subscription(TopicArn=mail["topic_arn"], Token=mail["token"])


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home = tmp_path_factory.mktemp("product")
    made = Product(home)
    yield made
    made("sandbox", "reset", sandbox=False)
