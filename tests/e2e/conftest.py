"""The installed command, driven as a person would, against a sandbox of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from cci_lite.sandbox import control
from tests.ran import Ran

ROOT = Path(__file__).parents[2]
#: What one sandbox of the tests has listened to, the others need not.
HEARD = "CCI_LITE_SANDBOX_HEARD"
RESULTS = "cci-lite-results-111122223333-eu-central-1-an"
COMMAND = Path(sys.executable).with_name("cci-lite")


@dataclass(frozen=True)
class Product:
    """The command with a sandbox and a state folder of its own."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """An operator's: nothing of AWS, and a Python that keeps what it prints until there is much of it."""
        ours = ("AWS_", "CCI_LITE_", "PYTHON")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        folders = {"CCI_LITE_SANDBOX": str(self.home / "sandbox"), "CCI_LITE_HOME": str(self.home / "state")}
        return {**kept, **folders, "CI": "1", HEARD: os.environ[HEARD]}

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
        return _client(self.sandbox, service)


@cache
def _client(sandbox: control.Sandbox, service: str) -> Any:
    session = boto3.Session(sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region)
    return session.client(service, endpoint_url=sandbox.endpoint, verify=str(sandbox.ca_bundle))


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home = tmp_path_factory.mktemp("product")
    made = Product(home)
    yield made
    made("sandbox", "reset", sandbox=False)


def left(product: Product) -> dict[str, list[str]]:
    """What the account's services list, but for what every account has."""
    kms = product.client("kms")
    keys = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
    found = {
        "buckets": [each["Name"] for each in product.client("s3").list_buckets()["Buckets"]],
        "keys": [e["KeyId"] for e in keys if e["KeyManager"] == "CUSTOMER" and e["KeyState"] != "PendingDeletion"],
        "aliases": [each["AliasName"] for each in kms.list_aliases()["Aliases"]],
        "functions": [each["FunctionName"] for each in product.client("lambda").list_functions()["Functions"]],
        "roles": [each["RoleName"] for each in product.client("iam").list_roles()["Roles"]],
        "databases": [each["Name"] for each in product.client("glue").get_databases()["DatabaseList"]],
        "workgroups": [each["Name"] for each in product.client("athena").list_work_groups()["WorkGroups"]],
        "parameters": [each["Name"] for each in product.client("ssm").describe_parameters()["Parameters"]],
        "queues": product.client("sqs").list_queues().get("QueueUrls", []),
        "topics": [each["TopicArn"] for each in product.client("sns").list_topics()["Topics"]],
        "subscriptions": [each["Endpoint"] for each in product.client("sns").list_subscriptions()["Subscriptions"]],
        "rules": [each["Name"] for each in product.client("events").list_rules()["Rules"]],
        "alarms": [each["AlarmName"] for each in product.client("cloudwatch").describe_alarms()["MetricAlarms"]],
        "logs": [each["logGroupName"] for each in product.client("logs").describe_log_groups()["logGroups"]],
    }
    return {kind: names for kind, names in found.items() if names}


def documents(product: Product, prefix: str, of: str = "") -> list[dict[str, Any]]:
    """All that lies there among the results and has `of` in its name."""
    s3 = product.client("s3")
    found = s3.list_objects_v2(Bucket=RESULTS, Prefix=prefix).get("Contents", [])
    keys = [each["Key"] for each in found if each["Size"] and of in each["Key"]]
    return [json.loads(s3.get_object(Bucket=RESULTS, Key=each)["Body"].read()) for each in keys]


def lines_about(logs: Any, **told: str) -> list[str]:
    """What the function has logged with these members."""
    events = logs.get_paginator("filter_log_events").paginate(logGroupName="/aws/lambda/cci-lite-processor")
    lines = [each["message"] for page in events for each in page["events"]]
    return [each for each in lines if each.startswith("{") and told.items() <= json.loads(each).items()]


def runbook_with_another_tenant(folder: Path) -> Path:
    text, last = (ROOT / "runbook.yaml").read_text(encoding="utf-8"), "    agent_channel: 0\n"
    assert text.count(last) == 1
    another = "  second-tenant:\n    retention_days_input: 1\n    retention_days_results: 7\n"
    path = folder / "runbook.yaml"
    path.write_text(text.replace(last, f"{last}{another}"), encoding="utf-8")
    return path
