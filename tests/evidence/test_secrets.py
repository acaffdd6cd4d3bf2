"""Credentials, links that give access and words of callers are in nothing that a command writes or prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.auth import SigV4Auth
from moto import mock_aws

from cci_lite.aws.calls import is_read
from cci_lite.cli import interrupt, provisioning
from cci_lite.evidence.redact import scrubbed
from cci_lite.steps import kms_key
from tests.aws_rules import Rules
from tests.aws_rules.answers import Answer, refusal
from tests.aws_rules.quick import quick
from tests.evidence.commands import ACCOUNT, ENVIRONMENT, PROFILE, TRANSCRIPT, Commands, install
from tests.steps.splitting import without_threads

SAID = (
    f"{ENVIRONMENT.key_id} (https://b.s3.eu-central-1.amazonaws.com/x?X-Amz-Algorithm=AWS4-HMAC-SHA256"
    f"&X-Amz-Credential={ENVIRONMENT.key_id}%2F20270115&X-Amz-Security-Token={ENVIRONMENT.token}&X-Amz-Signature=0f)"
)
KEY = "alias/cci-lite-master-key"
_ADD_AUTH = SigV4Auth.add_auth
BUCKETS = [f"cci-lite-{each}-{ACCOUNT}-eu-central-1-an" for each in ("input", "results")]


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Commands]:
    made = Commands(tmp_path / "home", capfd)
    install(made, monkeypatch)
    signed = patch.object(SigV4Auth, "add_auth", _ADD_AUTH)  # in full: a signature is what must not be written down
    with mock_aws(), quick(), signed, without_threads():
        boto3.client("iam", region_name="eu-central-1").create_user(UserName="operator")
        yield made
    interrupt.stop.clear()


def test_a_whole_life_of_an_account(commands: Commands, tmp_path: Path) -> None:
    """What callers said is shown to whoever asks for a call's result, and stands nowhere else."""
    recording = tmp_path / "call.wav"
    recording.write_bytes(b"RIFF not much of a recording")
    assert commands("provision", "--yes") == 0
    assert commands("validate") == 0
    assert commands("call", "submit", str(recording), "--tenant", "demo-tenant", "--wait") == 0
    assert commands("teardown", "--yes", *(f"--delete-data={each}" for each in (KEY, *BUCKETS))) == 0
    assert len(commands.urls) >= 2 and all("X-Amz-Signature=" in each for each in commands.urls)
    assert commands.leaks(TRANSCRIPT) == {"stdout of call": [TRANSCRIPT]}


def test_a_profiles_credentials(commands: Commands) -> None:
    assert commands("--profile", "planted", "provision", "--phase", "1", "--yes") == 0
    (used,) = {each.session.get_credentials().access_key for each in commands.rules}
    assert used == PROFILE.key_id
    assert commands.leaks() == {}


def test_refusals_that_echo_what_was_sent(commands: Commands) -> None:
    """Each service refuses its first write, in words that hold a link and a key id."""
    refused = set[str]()
    commands.faults.append(lambda rules: refusing_once(rules, refused))
    codes = [commands("--json", "provision", "--yes")]
    while codes[-1] == 1 and len(codes) < 12:
        codes.append(commands("provision", "--yes"))
    assert (codes[0], codes[-1]) == (1, 0)
    assert refused >= {
        "athena",
        "cloudwatch",
        "events",
        "glue",
        "iam",
        "kms",
        "lambda",
        "logs",
        "s3",
        "sns",
        "sqs",
        "ssm",
    }
    events = [json.loads(each) for each in commands.printed["stdout of provision"].splitlines() if each[:1] == "{"]
    assert "(redacted)" in next(each["reason"] for each in events if each.get("result") == "failed")
    assert commands.leaks() == {}


def refusing_once(rules: Rules, refused: set[str]) -> None:
    def before(model: Any, context: dict[str, Any], **_: Any) -> Answer | None:
        service = model.service_model.service_name
        written = not is_read(service, model.name, context["rules_params"])
        if not written or service in refused or "lease" in str(context["rules_params"].get("Name")):
            return None
        refused.add(service)
        return refusal("AccessDenied", f"{SAID} may not perform {service}:{model.name}", 403)

    rules.session.events.register_last("before-call", before)


def test_a_bug_inside_a_step(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kms_key.KmsKey, "_create", crash)
    assert commands("provision", "--yes") == 1
    assert commands.leaks() == {}
    assert "a bug, and it says" in next(text for name, text in files(commands) if name.endswith("journal.jsonl"))


def test_a_bug_outside_of_steps(commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provisioning, "look", crash)
    assert commands("provision", "--yes") == 70
    assert commands.leaks() == {}
    assert "a bug, and it says" in next(text for name, text in files(commands) if name.startswith("crash/"))


def crash(*_: Any, **__: Any) -> Any:
    """An exception whose words, and whose cause's words, hold everything they must not."""
    try:
        raise ValueError(f"{{'SecretAccessKey': '{ENVIRONMENT.secret}', 'SessionToken': '{ENVIRONMENT.token}'}}")
    except ValueError as error:
        held = f"aws_secret_access_key = {PROFILE.secret} aws_session_token={PROFILE.token}"
        raise RuntimeError(f"a bug, and it says {SAID} {held}") from error


def files(commands: Commands) -> list[tuple[str, str]]:
    return [(name, text.decode()) for name, text in commands.everything().items()]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("{'SecretAccessKey': 'wJalr/x+1', 'Expiration': 3}", "{'SecretAccessKey': '(redacted)', 'Expiration': 3}"),
        ('{"SessionToken": "FwoG==", "a": 1}', '{"SessionToken": "(redacted)", "a": 1}'),
        ('"{\\"SecretAccessKey\\": \\"wJalr\\"}"', '"{\\"SecretAccessKey\\": \\"(redacted)\\"}"'),
        ("aws_secret_access_key = wJalr/x\nregion = x", "aws_secret_access_key = (redacted)\nregion = x"),
        ("AWS_SESSION_TOKEN=FwoG== AWS_REGION=x", "AWS_SESSION_TOKEN=(redacted) AWS_REGION=x"),
        ("the session token has run out", "the session token has run out"),
        ("SecretAccessKey is missing", "SecretAccessKey is missing"),
    ],
)
def test_secrets_are_known_by_their_names(text: str, left: str) -> None:
    assert scrubbed(text) == left
