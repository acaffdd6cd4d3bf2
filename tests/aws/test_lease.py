"""The lease: one run at a time, whatever AWS does meanwhile. Renewals are made by hand: the pause is set to nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from cci_lite.aws import lease as leases
from cci_lite.aws.cloud import Cloud
from cci_lite.aws.lease import NAME, Locked, held, holder
from cci_lite.aws.site import Site
from tests.engine.fakes import FakeClock

SITE = Site("123456789012", "eu-central-1", caller="arn:aws:iam::123456789012:user/operator")


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    with mock_aws():
        yield Cloud(boto3.Session("testing", "testing", region_name="eu-central-1"), SITE, FakeClock())


def ssm() -> Any:
    return boto3.client("ssm", region_name="eu-central-1")


def taken(cloud: Cloud, told: list[str], run: str = "one") -> Any:
    return held(cloud, run, "provision", lost=told.append, kept=told.append)


def waiting_for(condition: Callable[[], bool]) -> bool:
    moment = threading.Event()
    return any(condition() or moment.wait(0.01) for _ in range(1000))


def test_it_is_held_for_the_body_and_given_back(cloud: Cloud) -> None:
    told: list[str] = []
    with taken(cloud, told):
        assert (found := holder(cloud)) is not None and (found.run, found.owner) == ("one", "user/operator")
        with pytest.raises(Locked, match=r"user/operator on .* runs `cci-lite provision`"), taken(cloud, told, "two"):
            pass
    assert holder(cloud) is None and told == []


def test_it_is_renewed_while_the_run_lives(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY_S", 0.0)
    with taken(cloud, []):
        first = holder(cloud)
        assert first is not None
        cloud.clock.sleep(120)
        assert waiting_for(lambda: (now := holder(cloud)) is not None and now.expires > first.expires)


def test_a_run_whose_lease_was_taken_away_hears_of_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY_S", 0.05)
    told: list[str] = []
    client = ssm()
    with taken(cloud, told):
        theirs = json.dumps({**vars(holder(cloud)), "run": "two"})

        def seen() -> bool:  # written again, should a renewal have been on its way
            client.put_parameter(Name=NAME, Value=theirs, Overwrite=True)
            return bool(told)

        assert waiting_for(seen)
    assert told == ["the lease was taken away while this run was at work"]
    assert (left := holder(cloud)) is not None and left.run == "two"  # the other's stays


def test_a_renewal_on_its_way_does_not_bring_back_what_was_given_back(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "RENEW_EVERY_S", 0.0)
    at_it, go_on = threading.Event(), threading.Event()
    put = leases._put

    def slow(*given: Any, overwrite: bool) -> None:
        if overwrite:
            at_it.set()
            go_on.wait(10)
        put(*given, overwrite=overwrite)

    monkeypatch.setattr(leases, "_put", slow)
    with taken(cloud, []):
        assert at_it.wait(10)
        threading.Timer(0.1, go_on.set).start()
    assert holder(cloud) is None


def test_a_lease_that_cannot_be_given_back_costs_the_run_nothing_but_a_sentence(cloud: Cloud) -> None:
    told: list[str] = []
    expired = ClientError({"Error": {"Code": "ExpiredTokenException", "Message": "the token has expired"}}, "x")
    with taken(cloud, told):
        client = cloud.client("ssm")
        client.meta.events.register_first("before-call.ssm.GetParameter", _raising(expired))
    assert told == ["the lease could not be given back (the token has expired); next: cci-lite unlock"]


def test_a_lease_that_is_given_back_just_when_it_was_asked_for_is_free(cloud: Cloud) -> None:
    ssm().put_parameter(Name=NAME, Value="{}", Type="String")

    def ended(**_: Any) -> None:
        ssm().delete_parameter(Name=NAME)

    cloud.client("ssm").meta.events.register_first("after-call.ssm.PutParameter", _once(ended))
    with taken(cloud, []):
        assert (now := holder(cloud)) is not None and now.run == "one"


def _raising(error: Exception) -> Callable[..., None]:
    def fail(**_: Any) -> None:
        raise error

    return fail


def _once(work: Callable[..., None]) -> Callable[..., None]:
    left = [work]
    return lambda **given: left.pop()(**given) if left else None
