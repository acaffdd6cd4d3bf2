"""One sandbox for the whole session, in a temporary folder on free ports, reached with ordinary boto3 clients."""

from __future__ import annotations

import io
import json
import time
import uuid
import wave
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import create_loader

from cci_lite.sandbox import control

CODE = Path(control.__file__).parents[1]
ONE_TRY = Config(retries={"total_max_attempts": 1})


@dataclass(frozen=True)
class Account:
    """A sandbox seen by one principal."""

    sandbox: control.Sandbox
    session: boto3.Session

    def client(self, service: str, *, tls: bool = True, **settings: Any) -> Any:
        """Made once for each use: botocore takes a tenth of a second to make one."""
        credentials = self.session.get_credentials()
        assert credentials is not None
        endpoint = self.sandbox.endpoint if tls else self.sandbox.http_endpoint
        made = (credentials.access_key, credentials.secret_key, endpoint, service, tuple(settings.items()))
        if made not in _clients:
            verify = str(self.sandbox.ca_bundle) if tls else None
            config = ONE_TRY.merge(Config(**settings))
            _clients[made] = self.session.client(service, endpoint_url=endpoint, verify=verify, config=config)
        return _clients[made]


_clients: dict[tuple[Any, ...], Any] = {}


def operator(sandbox: control.Sandbox) -> Account:
    return Account(sandbox, session(sandbox.access_key_id, sandbox.secret_access_key))


#: Of all sessions: the models of S3 alone take a fifth of a second to read.
_MODELS = create_loader()


def session(access_key_id: str, secret_access_key: str, token: str | None = None) -> boto3.Session:
    """A principal's."""
    made = botocore.session.Session()
    made.register_component("data_loader", _MODELS)
    return boto3.Session(access_key_id, secret_access_key, token, "eu-central-1", made)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[control.Sandbox]:
    state = tmp_path_factory.mktemp("sandbox") / "state"
    yield control.up(state)
    control.down(state)


@pytest.fixture(scope="session")
def aws(sandbox: control.Sandbox) -> Account:
    return operator(sandbox)


@pytest.fixture
def name() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def bucket(aws: Account, name: str) -> str:
    made = f"{name}-bucket"
    aws.client("s3").create_bucket(Bucket=made, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    return made


@pytest.fixture
def key(aws: Account) -> str:
    """The ARN of a KMS key whose policy delegates to IAM."""
    return str(aws.client("kms").create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def role(aws: Account, name: str) -> Callable[..., Account]:
    """Makes a role with these statements and returns the account as its session sees it."""

    def assume(*statements: dict[str, Any]) -> Account:
        arn = make_role(aws, f"{name}-role", *statements)
        made = aws.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
        return Account(aws.sandbox, session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"]))

    return assume


def make_role(aws: Account, name: str, *statements: dict[str, Any]) -> str:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{aws.sandbox.account}:root", "Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=policy)
    return str(arn)


def allow(*actions: str, on: str | list[str] = "*", **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    return {**statement, "Condition": condition} if condition else statement


def refusal(call: Callable[..., Any], **params: Any) -> tuple[str, str]:
    """AWS's code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def until(condition: Callable[[], Any], wait_s: float = 20.0, pause_s: float = 0.05) -> Any:
    """The first true value of `condition`."""
    deadline = time.monotonic() + wait_s
    while not (value := condition()):
        assert time.monotonic() < deadline, "it never became true"
        time.sleep(pause_s)
    return value


def zipped(source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.py", source)
    return packed.getvalue()


def make_function(aws: Account, name: str, source: str, *statements: dict[str, Any], **settings: Any) -> str:
    """A function that is active, and its ARN. Waits out the time in which the new role cannot be assumed."""
    logs = allow("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    role_arn = make_role(aws, f"{name}-role", logs, *statements) if statements else _plain_role(aws, logs)
    functions = aws.client("lambda")

    def made() -> Any:
        try:
            return functions.create_function(
                FunctionName=name,
                Role=role_arn,
                Runtime="python3.13",
                Handler="index.handler",
                Code={"ZipFile": zipped(source)},
                **{"Timeout": 30, **settings},
            )
        except functions.exceptions.InvalidParameterValueException as error:
            assert "cannot be assumed" in str(error)
            return None

    arn = until(made)["FunctionArn"]
    until(lambda: functions.get_function_configuration(FunctionName=name)["State"] == "Active")
    return str(arn)


def _plain_role(aws: Account, logs: dict[str, Any]) -> str:
    """One role for all functions that only log, so that its first seconds pass once."""
    iam = aws.client("iam")
    try:
        return str(iam.get_role(RoleName="plain-function-role")["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        return make_role(aws, "plain-function-role", logs)


def sample() -> bytes:
    return (CODE / "sample" / "call.wav").read_bytes()


def greeting() -> bytes:
    """The call's first 12 seconds: all that is heard costs computing."""
    file = io.BytesIO()
    with wave.open(str(CODE / "sample" / "call.wav")) as whole, wave.open(file, "wb") as begun:
        begun.setparams(whole.getparams())
        begun.writeframes(whole.readframes(12 * whole.getframerate()))
    return file.getvalue()


@pytest.fixture(scope="session")
def buckets(aws: Account) -> tuple[str, str]:
    """Where transcription jobs read and write, with a call and its beginning, silence, and text that is no sound."""
    s3 = aws.client("s3")
    for bucket in ("jobs-in", "jobs-out"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="jobs-in", Key="t/calls/call.wav", Body=sample())
    s3.put_object(Bucket="jobs-in", Key="t/calls/greeting.wav", Body=greeting())
    s3.put_object(Bucket="jobs-in", Key="t/calls/short.wav", Body=silence(seconds=3))
    s3.put_object(Bucket="jobs-in", Key="t/calls/long.wav", Body=silence(seconds=31))
    s3.put_object(Bucket="jobs-in", Key="t/calls/text.wav", Body=b"this is no sound")
    return "jobs-in", "jobs-out"


def silence(seconds: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * 8000 * seconds)
    return file.getvalue()
