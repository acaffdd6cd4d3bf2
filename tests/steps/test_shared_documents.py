"""Documents that others write into as well: what they write while AWS is busy stays, and so does what they had."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.aws_rules.answers import Answer, refusal
from tests.moments import Moment
from tests.steps.spoils import INPUT, KEY, RESULTS, STRANGER
from tests.world import FOUNDATION, World, account, reasons

BUSY = refusal("OperationAborted", "A conflicting conditional operation is currently in progress", 409)
UNKNOWN = refusal("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals")
THEIRS = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "*", "Resource": "*"}


class Meanwhile:
    """Answers the next `operation` in AWS's place, right after somebody else has written."""

    def __init__(self, world: World) -> None:
        self.armed: tuple[str, Answer, Callable[[], object]] | None = None
        world.rules.session.events.register_first("before-call", self._before)

    def __call__(self, operation: str, answer: Answer, write: Callable[[], object]) -> None:
        self.armed = (operation, answer, write)

    def _before(self, model: Any, **_: Any) -> Answer | None:
        if self.armed is None or self.armed[0] != model.name:
            return None
        _, answer, write = self.armed
        self.armed = None
        write()
        return answer


@pytest.fixture(scope="module")
def _standing() -> Iterator[tuple[World, Meanwhile, Moment]]:
    with account() as world:
        yield world, Meanwhile(world), world.stand(*FOUNDATION).moment()


@pytest.fixture
def world(_standing: tuple[World, Meanwhile, Moment]) -> World:
    """Phase 1 in place."""
    world, _, before = _standing
    return world.back_to(before)


@pytest.fixture
def meanwhile(_standing: tuple[World, Meanwhile, Moment]) -> Meanwhile:
    return _standing[1]


def bucket_policy(world: World) -> list[dict[str, Any]]:
    found: dict[str, Any] = json.loads(world.rules.look("s3").get_bucket_policy(Bucket=INPUT)["Policy"])
    return list(found["Statement"])


def sids(statements: list[dict[str, Any]]) -> set[str]:
    return {each["Sid"] for each in statements}


def test_a_statement_that_lands_while_the_bucket_is_busy_stays(world: World, meanwhile: Meanwhile) -> None:
    s3, ours = world.rules.look("s3"), sids(bucket_policy(world))
    s3.delete_bucket_policy(Bucket=INPUT)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [THEIRS]})
    meanwhile("PutBucketPolicy", BUSY, lambda: s3.put_bucket_policy(Bucket=INPUT, Policy=policy))
    assert reasons(world.provision("input-tls", "input-encrypted", "input-right-key")) == {}
    assert sids(bucket_policy(world)) == {"Theirs", *ours}


def test_somebody_who_joins_the_key_while_kms_is_late_stays(world: World, meanwhile: Meanwhile) -> None:
    kms = world.rules.look("kms")
    key = kms.describe_key(KeyId=KEY)["KeyMetadata"]["KeyId"]

    def write(*statements: dict[str, Any]) -> None:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [root, *statements]})
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)

    before = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
    root = next(each for each in before if each["Action"] == "kms:*")
    write()
    meanwhile("PutKeyPolicy", UNKNOWN, lambda: write(THEIRS))
    assert reasons(world.provision("key-administrator", "key-user")) == {}
    after = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])["Statement"]
    assert sids(after) == {"Theirs", *sids(before)}


def test_a_lifecycle_rule_that_lands_while_the_bucket_is_busy_stays(world: World, meanwhile: Meanwhile) -> None:
    theirs = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 90}}
    ours = {each["ID"] for each in world.rules.lifecycles[INPUT]}
    world.rules.lifecycles[INPUT] = []

    def write() -> None:
        world.rules.lifecycles[INPUT] = [theirs]

    meanwhile("PutBucketLifecycleConfiguration", BUSY, write)
    assert reasons(world.provision("input-lifecycle")) == {}
    assert {each["ID"] for each in world.rules.lifecycles[INPUT]} == {"theirs", *ours}


def test_a_notification_that_lands_while_the_bucket_is_busy_stays(world: World, meanwhile: Meanwhile) -> None:
    s3 = world.stand().rules.look("s3")
    queue = {"Id": "theirs", "QueueArn": f"arn:aws:sqs:eu-central-1:{world.rules.account}:theirs"}
    told = {"QueueConfigurations": [{**queue, "Events": ["s3:ObjectRemoved:*"]}]}
    world.rules.look("sqs").create_queue(
        QueueName="theirs",
        Attributes={
            "Policy": json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "s3.amazonaws.com"},
                            "Action": "sqs:SendMessage",
                            "Resource": "*",
                        }
                    ],
                }
            )
        },
    )
    s3.put_bucket_notification_configuration(Bucket=INPUT, NotificationConfiguration={})

    def write() -> None:
        s3.put_bucket_notification_configuration(Bucket=INPUT, NotificationConfiguration=told)

    meanwhile("PutBucketNotificationConfiguration", BUSY, write)
    assert reasons(world.provision("on-new-call")) == {}
    found = s3.get_bucket_notification_configuration(Bucket=INPUT)
    assert [each["Id"] for each in found["QueueConfigurations"]] == ["theirs"]
    assert [each["Id"] for each in found["LambdaFunctionConfigurations"]] == ["on-new-call-demo-tenant"]


def test_what_was_deleted_in_the_account_does_not_make_a_bucket_policy_unwritable(world: World) -> None:
    """Somebody else's statement names a role that is gone: S3 shows its unique id, and refuses to take it again."""
    s3, iam = world.rules.look("s3"), world.cloud.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    arn = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    both = {**THEIRS, "Principal": {"AWS": [arn, STRANGER]}, "Action": "s3:ListBucket"}
    only = {**both, "Sid": "Dead", "Principal": {"AWS": arn}}
    policy = {"Version": "2012-10-17", "Statement": [*bucket_policy(world)[1:], both, only]}
    s3.put_bucket_policy(Bucket=INPUT, Policy=json.dumps(policy))
    iam.delete_role(RoleName="theirs")
    assert reasons(world.provision(*FOUNDATION)) == {}
    assert {"Theirs", "CciLiteDenyInsecureTransport"} <= sids(bucket_policy(world))
    left = next(each for each in bucket_policy(world) if each["Sid"] == "Theirs")
    assert left["Principal"] == {"AWS": [STRANGER]} and "Dead" not in sids(bucket_policy(world))


def lifecycle(world: World, bucket: str) -> dict[str, dict[str, Any]]:
    return {each["ID"]: each for each in world.rules.lifecycles[bucket]}


def put(world: World, bucket: str, *rules: dict[str, Any], **besides: str) -> None:
    told = {"Bucket": bucket, "LifecycleConfiguration": {"Rules": list(rules)}}
    world.cloud.client("s3").put_bucket_lifecycle_configuration(**told, **besides)


def test_rules_of_others_with_names_like_ours_stay(world: World) -> None:
    theirs = [
        {"ID": name, "Status": "Enabled", "Filter": {"Prefix": f"{name}/"}, "Expiration": {"Days": 90}}
        for name in ("retention-legal-hold", "expire-logs")
    ]
    ours = list(world.rules.lifecycles[INPUT])
    put(world, INPUT, *theirs, *ours[1:])
    assert reasons(world.provision(*FOUNDATION)) == {}
    assert list(lifecycle(world, INPUT)) == ["retention-legal-hold", "expire-logs", *(e["ID"] for e in ours)]
    assert reasons(world.provision(*FOUNDATION), "kept") == {}
    assert reasons(world.teardown("input-lifecycle")) == {}
    assert world.rules.lifecycles[INPUT] == theirs


def test_what_others_say_of_the_whole_configuration_and_in_the_old_form_is_put_back(world: World) -> None:
    old = {"ID": "old", "Status": "Enabled", "Prefix": "old/", "Expiration": {"Days": 90}}
    put(world, INPUT, old, TransitionDefaultMinimumObjectSize="varies_by_storage_class")
    assert reasons(world.provision("input-lifecycle")) == {}
    new = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 90}}
    assert lifecycle(world, INPUT)["old"] == new
    found = world.cloud.read("s3", "get_bucket_lifecycle_configuration", Bucket=INPUT)
    assert found["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


def test_a_rule_that_the_runbook_calls_otherwise_now_does_not_stay_beside_the_new_one(world: World) -> None:
    """The old one would go on deleting after a day."""
    later = world.with_settings("input-lifecycle", rule="input-retention-3d", days=3)
    assert reasons(later.provision(*FOUNDATION)) == {}
    assert set(lifecycle(world, INPUT)) == {"input-retention-3d", "unfinished-uploads-1d", "retention-demo-tenant"}


def test_what_a_tenant_left_behind_is_kept_no_longer_than_before(world: World) -> None:
    tenant = next(iter(world.runbook.tenants.values()))
    short = tenant.model_copy(update={"retention_days_results": 7, "raw_text_days": 5})
    both = {"demo-tenant": tenant.model_copy(update={"raw_text_days": 3}), "short": short}
    with_short = world.with_runbook(tenants=both)
    assert reasons(with_short.provision(*FOUNDATION)) == {}
    kept = {name: lifecycle(world, RESULTS)[name] for name in ("retention-short", "expire-_raw-short")}
    without = world.with_runbook(tenants={"demo-tenant": both["demo-tenant"]})
    assert reasons(without.provision(*FOUNDATION)) == {} and reasons(without.provision(*FOUNDATION), "kept") == {}
    assert {name: lifecycle(world, RESULTS)[name] for name in kept} == kept
    assert reasons(without.teardown("results-lifecycle")) == {}
    assert RESULTS not in world.rules.lifecycles
