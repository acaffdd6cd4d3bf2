"""The real command line on strict moto, with credentials, links and a transcript that must never be written down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cci_lite.aws import connect
from cci_lite.cli import main
from cci_lite.engine import clock
from tests.aws_rules import _LOADER, Rules, pipeline, storage, strict
from tests.engine.fakes import FakeClock
from tests.world import ROOT, _presigned

ACCOUNT = "123456789012"
TRANSCRIPT = "my card number is four two four two, said the customer"


@dataclass(frozen=True)
class Credentials:
    """What an operator has; each part a string that occurs nowhere else."""

    key_id: str
    secret: str
    token: str


def _planted(where: str, number: str) -> Credentials:
    """Put together here, so that no file holds what looks like a key."""
    key_id = "".join(("AK", "IA", "PLANTEDIN", number))
    return Credentials(key_id, f"planted/secret+of/the+{where}+".ljust(40, "0"), f"planted-{where}-token==")


ENVIRONMENT, PROFILE = _planted("environment", "ENV0001"), _planted("profile", "PROF001")


@dataclass
class Commands:
    """Runs commands; keeps what they printed. home: their state; urls: the presigned URLs that were used."""

    home: Path
    capfd: pytest.CaptureFixture[str]
    rules: list[Rules] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    faults: list[Callable[[Rules], None]] = field(default_factory=list)
    printed: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> int:
        """The exit code of one command, as a process of its own would see it."""
        code = main.run(["--account", ACCOUNT, "--runbook", str(ROOT / "runbook.yaml"), *arguments])
        told, command = self.capfd.readouterr(), next(each for each in arguments if not each.startswith("-"))
        for stream, text in (("stdout", told.out), ("stderr", told.err)):
            name = f"{stream} of {command}"
            self.printed[name] = self.printed.get(name, "") + text
        return code

    def everything(self) -> Mapping[str, bytes]:
        """Every byte that was printed or written: file (or stream) -> content."""
        files = {str(each.relative_to(self.home)): each.read_bytes() for each in self.home.rglob("*") if each.is_file()}
        return {**files, **{name: text.encode() for name, text in self.printed.items()}}

    def leaks(self, *further: str) -> dict[str, list[str]]:
        """Where a planted string, a signature, or one of `further` stands."""
        planted = [each for who in (ENVIRONMENT, PROFILE) for each in (who.key_id, who.secret, who.token)]
        wanted = [*planted, "X-Amz-Signature=", "X-Amz-Credential=", *self.urls, *further]
        found = {where: [each for each in wanted if each.encode() in text] for where, text in self.everything().items()}
        return {where: each for where, each in found.items() if each}

    def connected(self, access: Any, **given: Any) -> Any:
        """In place of connect.connect: the same, on moto with rules."""
        cloud = _connect(access, **{**given, "clock": FakeClock()})
        rules = self.rules[-1]
        cloud.send = self._send(rules)
        cloud.plain_list = lambda bucket, prefix: storage.plain_list(rules, bucket)
        for each in self.faults:
            each(rules)
        return cloud

    def session(self, access: Any) -> Any:
        made = _session(access)
        made._session.register_component("data_loader", _LOADER)  # AWS's models are read once for all commands
        before = self.rules[-1].__dict__ if self.rules else {}
        kept = {name: value for name, value in before.items() if name not in ("session", "clock", "calls", "lock")}
        self.rules.append(strict(made, FakeClock(), **kept))
        self.rules[-1].confirm("alarms@example.com")
        return made

    def _send(self, rules: Rules) -> Any:
        def send(url: str, headers: Mapping[str, str], body: bytes, verify: str | None) -> int:
            self.urls.append(url)
            return _presigned(rules, url, headers)

        return send


_connect, _session, _run = connect.connect, connect._session, pipeline.run


def install(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the harness in place of AWS, and the credentials where operators have them."""
    monkeypatch.setattr(connect, "connect", commands.connected)
    monkeypatch.setattr(connect, "_session", commands.session)
    monkeypatch.setattr(clock, "SystemClock", lambda *_: FakeClock())
    monkeypatch.setattr(pipeline, "run", _spoken)
    profiles = commands.home.parent / "credentials"
    profiles.write_text(
        f"[planted]\naws_access_key_id = {PROFILE.key_id}\naws_secret_access_key = {PROFILE.secret}\n"
        f"aws_session_token = {PROFILE.token}\n"
    )
    told = {"AWS_SHARED_CREDENTIALS_FILE": str(profiles), "CCI_LITE_HOME": str(commands.home)}
    told |= {"AWS_ACCESS_KEY_ID": ENVIRONMENT.key_id, "AWS_SECRET_ACCESS_KEY": ENVIRONMENT.secret}
    told |= {"AWS_SESSION_TOKEN": ENVIRONMENT.token, "COLUMNS": "400"}
    for name, value in told.items():
        monkeypatch.setenv(name, value)


def _spoken(rules: Rules, service: str, operation: str, params: Mapping[str, Any]) -> None:
    """What the pipeline of the rules makes of a recording, with a transcript that would be noticed."""
    _run(rules, service, operation, params)
    if (service, operation) != ("s3", "PutObject") or "/calls/" not in params["Key"]:
        return
    s3, bucket = rules.look("s3"), pipeline.output_bucket(rules, params["Bucket"])
    results = s3.list_objects_v2(Bucket=bucket, Prefix="demo-tenant/2").get("Contents", []) if bucket else []
    for each in results:
        result = json.loads(s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read())
        result |= {"transcript_excerpt": TRANSCRIPT, "summary": TRANSCRIPT}
        s3.put_object(
            Bucket=bucket,
            Key=each["Key"],
            Body=json.dumps(result).encode(),
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=params["SSEKMSKeyId"],
        )
