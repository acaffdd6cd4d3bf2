"""What the validations of Phase 1 must not pass: more rights than the runbook names, answers that are not S3's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from cci_lite.engine.clock import Interrupted
from cci_lite.engine.model import Check, Status
from tests.steps.faults import probes
from tests.steps.spoils import ROLE
from tests.world import World, account

EVERYTHING = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with account() as made:
        made.stand()
        yield made


def proofs(world: World, step: str) -> dict[str, Check]:
    found = world.plan(step)
    (decision,) = [each for each in found.decisions if each.step.meta.id == step]
    assert decision.observed is not None
    return {each.id: each for each in decision.step.validate(decision.observed, found.known)}


def test_a_role_with_more_than_the_runbook_names_is_named_with_it(world: World) -> None:
    iam = world.rules.look("iam")
    made = iam.create_policy(PolicyName="Admin", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    assert proofs(world, "processor-role")["processor-role.nothing-more"].status is Status.PASSED
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=made)
    iam.put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=EVERYTHING)
    check = proofs(world, "processor-role")["processor-role.nothing-more"]
    assert (check.status, check.evidence) == (Status.FAILED, "policies that the runbook does not name: Admin, more")
    allowed = world.with_settings("processor-role", of_others=("Admin", "more"))
    assert proofs(allowed, "processor-role")["processor-role.nothing-more"].status is Status.PASSED
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=made)
    iam.delete_role_policy(RoleName=ROLE, PolicyName="more")


def test_a_closed_port_is_no_proof_and_no_failure(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(*_: Any) -> None:
        raise ConnectTimeoutError(endpoint_url="http://s3.eu-central-1.amazonaws.com")

    monkeypatch.setattr(world.cloud, "plain_list", closed)
    check = proofs(world, "input-tls")["input-tls.plain-http"]
    assert check.status is Status.SKIPPED and "nothing answered without TLS" in check.evidence


def test_a_refusal_by_something_on_the_way_to_s3_is_no_proof(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def proxied(*_: Any) -> None:
        meta = {"HTTPStatusCode": 403}
        raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}, "ResponseMetadata": meta}, "ListObjectsV2")

    monkeypatch.setattr(world.cloud, "plain_list", proxied)
    check = proofs(world, "input-tls")["input-tls.plain-http"]
    assert (check.status, check.evidence) == (Status.FAILED, "signed request without TLS: answered 403 403")


def test_a_probe_that_was_uploaded_goes_also_when_the_run_is_interrupted_right_then(world: World) -> None:
    seen: list[str] = []

    def stopped() -> bool:
        """From the moment on in which the upload that must work is in the bucket."""
        seen.extend(probes(world))
        return bool(seen)

    world.cloud.stopped = stopped
    try:
        with pytest.raises(Interrupted):
            proofs(world, "input-right-key")
    finally:
        world.cloud.stopped = lambda: False
    assert len(set(seen)) == 1 and probes(world) == []
