"""Who may write: the real way from credentials to a Cloud, on moto. Nobody is let in by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cci_lite.aws.connect import Access, Refused, connect
from tests.engine.fakes import FakeClock

ACCOUNT = "123456789012"  # moto's own
OTHER = "111122223333"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        yield


def identity(monkeypatch: pytest.MonkeyPatch, arn: str) -> None:
    """What STS says of the caller."""
    from moto.sts.responses import TokenResponse

    def answer(self: Any) -> Any:
        from moto.core.responses import ActionResult

        return ActionResult({"UserId": "X", "Account": arn.split(":")[4], "Arn": arn})

    monkeypatch.setattr(TokenResponse, "get_caller_identity", answer)


def connected(pinned: str | None = ACCOUNT, *, read_only: bool = False) -> Any:
    return connect(Access("eu-central-1"), pinned=pinned, read_only=read_only, clock=FakeClock())


def test_a_pinned_account_that_is_the_callers_own_may_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    identity(monkeypatch, f"arn:aws:iam::{ACCOUNT}:user/operator")
    cloud = connected()
    assert (cloud.site.account, cloud.site.caller) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/operator")
    cloud.write("sqs", "create_queue", QueueName="q")


def test_without_a_pin_nothing_that_writes_runs_and_the_ways_to_pin_are_named() -> None:
    with pytest.raises(Refused, match="no account is pinned") as refused:
        connected(None)
    for way in ('`account: "123456789012"` in the runbook', "--account", "CCI_LITE_ACCOUNT"):
        assert way in refused.value.hint


def test_without_a_pin_an_account_may_be_read_and_never_written(monkeypatch: pytest.MonkeyPatch) -> None:
    identity(monkeypatch, f"arn:aws:iam::{OTHER}:user/operator")
    cloud = connected(None, read_only=True)
    assert cloud.site.account == OTHER
    with pytest.raises(Exception, match="sqs:CreateQueue writes, but this command only reads"):
        cloud.write("sqs", "create_queue", QueueName="q")
    assert boto3.client("sqs", region_name="eu-central-1").list_queues().get("QueueUrls", []) == []


@pytest.mark.parametrize("read_only", [True, False])
def test_another_account_than_the_pinned_one_is_refused(monkeypatch: pytest.MonkeyPatch, read_only: bool) -> None:
    identity(monkeypatch, f"arn:aws:iam::{OTHER}:user/operator")
    with pytest.raises(Refused, match=f"belong to account {OTHER}, the pinned account is {ACCOUNT}"):
        connected(read_only=read_only)


def test_the_root_user_may_look_and_not_write(monkeypatch: pytest.MonkeyPatch) -> None:
    identity(monkeypatch, f"arn:aws:iam::{ACCOUNT}:root")
    assert connected(read_only=True).site.account == ACCOUNT
    with pytest.raises(Refused, match="root user"):
        connected()


def test_a_session_of_a_role_stands_for_its_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Policies may not name a session, and roles of single sign-on have a path that the session's ARN leaves out."""
    trust = '{"Version": "2012-10-17", "Statement": []}'
    path = "/aws-reserved/sso.amazonaws.com/eu-central-1/"
    iam = boto3.client("iam")
    made = iam.create_role(RoleName="AWSReservedSSO_Admin", Path=path, AssumeRolePolicyDocument=trust)["Role"]
    identity(monkeypatch, f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin/somebody")
    assert connected().site.caller == made["Arn"]
    assert path in made["Arn"]


def test_a_profile_that_assumes_a_role_may_be_used_by_commands_that_only_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    boto3.client("iam").create_role(RoleName="ops", AssumeRolePolicyDocument='{"Version": "2012-10-17"}')
    config = tmp_path / "config"
    config.write_text(
        f"[profile ops]\nrole_arn = arn:aws:iam::{ACCOUNT}:role/ops\nsource_profile = base\n"
        "[profile base]\naws_access_key_id = testing\naws_secret_access_key = testing\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    cloud = connect(Access("eu-central-1", profile="ops"), pinned=None, read_only=True, clock=FakeClock())
    assert cloud.site.caller == f"arn:aws:iam::{ACCOUNT}:role/ops"


def test_an_unknown_profile_is_named_with_the_next_step() -> None:
    with pytest.raises(Refused, match="nope") as refused:
        connect(Access("eu-central-1", profile="nope"), pinned=ACCOUNT, read_only=True, clock=FakeClock())
    assert "--profile" in refused.value.hint
