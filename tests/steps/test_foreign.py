"""What was there before is there afterwards: provision and teardown on an account that others use as well."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cci_lite.cli.explain import risk_of
from cci_lite.engine.teardown import plan_removal, teardown
from tests.steps.faults import state
from tests.world import World, reasons

INPUT = "cci-lite-input-123456789012-eu-central-1-an"
CONSENT = ["alias/cci-lite-master-key"]
STATEMENT = {
    "Sid": "TheirOwn",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:user/operator"},
    "Action": ["s3:ListBucket"],
    "Resource": [f"arn:aws:s3:::{INPUT}"],
}
BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
RULE = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 90}}


def strangers(world: World) -> None:
    """Other people's things, none of them in our way."""
    look = world.rules.look
    look("s3").create_bucket(Bucket="somebody-elses", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    look("s3").put_object(Bucket="somebody-elses", Key="demo-tenant/calls/a.wav", Body=b"x")
    look("kms").create_key(Description="somebody else's")
    look("ssm").put_parameter(Name="/cci-lite/config/tenants/other", Value="{}", Type="String")
    look("ssm").put_parameter(Name="/theirs", Value="1", Type="String")
    look("sqs").create_queue(QueueName="theirs")
    look("sns").create_topic(Name="theirs")
    look("logs").create_log_group(logGroupName="/aws/lambda/cci-lite-processor-of-somebody")
    look("events").put_rule(Name="theirs", EventPattern="{}")


def their_bucket(world: World) -> None:
    """The very bucket of the runbook, made by hand before, with contents and settings of its own."""
    s3 = world.rules.look("s3")
    s3.create_bucket(Bucket=INPUT, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/kept.wav", Body=b"a call")
    s3.put_bucket_policy(Bucket=INPUT, Policy=json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]}))
    world.cloud.client("s3").put_bucket_lifecycle_configuration(Bucket=INPUT, LifecycleConfiguration={"Rules": [RULE]})
    s3.put_bucket_tagging(Bucket=INPUT, Tagging={"TagSet": [{"Key": "Theirs", "Value": "1"}]})


def adopting(world: World, *more: str) -> World:
    """The runbook with `adopt: true` on the input bucket, and on `more` steps."""
    entries = tuple(
        replace(each, meta=replace(each.meta, adopt=True)) if each.meta.id in ("input-bucket", *more) else each
        for each in world.runbook.entries
    )
    return world.with_runbook(entries=entries)


def test_an_account_of_others_is_as_it_was(empty: World) -> None:
    strangers(empty)
    before = state(empty)
    assert reasons(empty.provision()) == {}
    assert state(empty) != before
    assert reasons(empty.teardown(consent=CONSENT)) == {}
    assert state(empty) == before


def test_a_bucket_that_was_there_is_not_changed_without_consent(empty: World) -> None:
    their_bucket(empty)
    empty.rules.forget()
    outcomes = empty.provision()
    assert outcomes["input-bucket"].result == "blocked" and "adopt: true" in outcomes["input-bucket"].reason
    assert empty.rules.writes() == []


def test_an_adopted_bucket_keeps_what_is_in_it_and_is_released_with_the_settings_that_provision_gave_it(
    empty: World,
) -> None:
    """What they were before is written down nowhere: only the parts with a name of ours are taken out again."""
    their_bucket(empty)
    s3, theirs = empty.rules.look("s3"), {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=INPUT, OwnershipControls=theirs)
    s3.put_public_access_block(Bucket=INPUT, PublicAccessBlockConfiguration=dict.fromkeys(BLOCK, False))
    default = {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": empty.rules.look("kms").create_key()["KeyMetadata"]["Arn"],
    }
    configuration = {"Rules": [{"ApplyServerSideEncryptionByDefault": default}]}
    client = empty.cloud.client("s3")
    client.put_bucket_encryption(Bucket=INPUT, ServerSideEncryptionConfiguration=configuration)
    ours = adopting(empty, "input-default-key")
    assert reasons(ours.provision()) == {}
    assert {"TheirOwn", "CciLiteDenyNotSseKms"} <= sids(empty)
    given = settings(empty)
    assert given["block"] == dict.fromkeys(BLOCK, True)
    assert given["ownership"] == "BucketOwnerEnforced"
    assert given["tags"] == {"Theirs": "1", **empty.runbook.tags}
    ended = ours.teardown(consent=CONSENT)
    assert reasons(ended) == {} and ended["input-bucket"].result == "released"
    assert settings(empty) == given
    (rule,) = client.get_bucket_encryption(Bucket=INPUT)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
    assert rule["BlockedEncryptionTypes"] == {"EncryptionType": ["SSE-C"]}
    told = s3.get_bucket_notification_configuration(Bucket=INPUT)
    assert "LambdaFunctionConfigurations" not in told
    assert s3.get_object(Bucket=INPUT, Key="demo-tenant/calls/kept.wav")["Body"].read() == b"a call"
    assert sids(empty) == {"TheirOwn"} and empty.rules.lifecycles[INPUT] == [RULE]


def test_calls_and_keys_survive_a_teardown_until_they_are_named(provisioned: World) -> None:
    s3 = provisioned.rules.look("s3")
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav", Body=b"a call")
    first = provisioned.teardown()
    kept = {name for name, each in first.items() if each.result == "retained"}
    assert {"master-key", "input-bucket", "input-encrypted", "input-lifecycle"} <= kept
    assert s3.get_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav")["Body"].read() == b"a call"
    s3.put_bucket_versioning(Bucket=INPUT, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav", Body=b"again")
    s3.delete_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav")
    s3.create_multipart_upload(Bucket=INPUT, Key="demo-tenant/calls/half.wav")
    assert reasons(provisioned.teardown(consent=[*CONSENT, INPUT])) == {}
    with pytest.raises(s3.exceptions.ClientError):
        s3.head_bucket(Bucket=INPUT)


def test_a_call_that_comes_after_the_plan_of_a_teardown_is_not_lost(provisioned: World) -> None:
    removals = plan_removal(provisioned.graph, provisioned.graph.ids(), consent=frozenset(CONSENT), jobs=1)
    assert {each.step.meta.id for each in removals.retained} == set()
    s3 = provisioned.rules.look("s3")
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav", Body=b"a call")
    ended = {each.step: each.result for each in teardown(removals, provisioned.hands())}
    kept = {"master-key", "key-administrator", "input-bucket", "input-default-key", "input-tls", "input-lifecycle"}
    assert {name for name, result in ended.items() if result == "retained"} >= kept
    assert s3.get_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav")["Body"].read() == b"a call"
    assert ended["results-bucket"] == "removed" and ended["processor"] == "removed"


def test_an_emptied_bucket_does_not_take_a_call_with_it_that_nobody_named(provisioned: World) -> None:
    """What comes between the last look and the end is refused by S3, and nothing but our own files is deleted."""
    s3, step = provisioned.rules.look("s3"), provisioned.graph["input-bucket"]
    known = provisioned.plan("input-bucket").known
    have = step.observe(known)
    s3.put_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav", Body=b"a call")
    assert have is not None
    step.empty(have, frozenset())  # type: ignore[attr-defined]
    with pytest.raises(ClientError, match="BucketNotEmpty") as refused:
        step.remove(have, known)
    risk = risk_of(refused.value, provisioned.runbook.risks)
    assert risk is not None and risk.hint.startswith("run the same teardown again")
    left = [each["Key"] for each in s3.list_objects_v2(Bucket=INPUT)["Contents"]]
    assert left == ["demo-tenant/calls/customer.wav"]


def settings(world: World) -> dict[str, Any]:
    """Of the input bucket: public access, ownership, tags."""
    s3 = world.rules.look("s3")
    owner = s3.get_bucket_ownership_controls(Bucket=INPUT)["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
    block = s3.get_public_access_block(Bucket=INPUT)["PublicAccessBlockConfiguration"]
    tags = {each["Key"]: each["Value"] for each in s3.get_bucket_tagging(Bucket=INPUT)["TagSet"]}
    return {"block": block, "ownership": owner, "tags": tags}


def sids(world: World) -> set[str]:
    policy: dict[str, Any] = json.loads(world.rules.look("s3").get_bucket_policy(Bucket=INPUT)["Policy"])
    return {each["Sid"] for each in policy["Statement"]}
