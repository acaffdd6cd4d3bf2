"""The default encryption of the buckets: whose it is, what it keeps alive, and what a teardown leaves of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cci_lite.runbook import RunbookError, load
from cci_lite.steps import REGISTRY
from tests.steps.spoils import KEY, RESULTS
from tests.steps.test_foreign import INPUT, adopting, their_bucket
from tests.world import FOUNDATION, ROOT, World, reasons

STEP = "input-default-key"
AES256 = {"SSEAlgorithm": "AES256"}


def default(world: World) -> Any:
    """The bucket's own words for what it encrypts with."""
    found = world.cloud.client("s3").get_bucket_encryption(Bucket=INPUT)["ServerSideEncryptionConfiguration"]["Rules"]
    return found[0]["ApplyServerSideEncryptionByDefault"]


def with_their_key(world: World) -> str:
    """Somebody else's key as the default of the input bucket; its ARN."""
    theirs = str(world.rules.look("kms").create_key()["KeyMetadata"]["Arn"])
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": theirs}}
    world.cloud.client("s3").put_bucket_encryption(Bucket=INPUT, ServerSideEncryptionConfiguration={"Rules": [rule]})
    return theirs


def test_a_key_that_somebody_chose_for_their_own_bucket_is_not_replaced_without_consent(empty: World) -> None:
    their_bucket(empty)
    theirs, ours = with_their_key(empty), adopting(empty)
    outcomes = ours.provision(*FOUNDATION)
    assert outcomes[STEP].result == "blocked" and "adopt: true" in outcomes[STEP].reason
    assert default(empty)["KMSMasterKeyID"] == theirs


def test_somebodys_own_bucket_that_admits_their_keys_is_not_closed_to_them_without_consent(empty: World) -> None:
    their_bucket(empty)
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": AES256}]}
    empty.cloud.client("s3").put_bucket_encryption(Bucket=INPUT, ServerSideEncryptionConfiguration=rules)
    outcomes = adopting(empty).provision(*FOUNDATION)
    assert outcomes[STEP].result == "blocked" and "adopt: true" in outcomes[STEP].reason
    assert default(empty) == AES256


def test_our_own_bucket_that_somebody_opened_to_keys_of_theirs_is_closed_again(foundation: World) -> None:
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": AES256}]}
    foundation.cloud.client("s3").put_bucket_encryption(Bucket=INPUT, ServerSideEncryptionConfiguration=rules)
    assert foundation.provision(STEP)[STEP].result == "updated"


def test_a_key_that_somebody_chose_for_our_bucket_is_drift(foundation: World) -> None:
    with_their_key(foundation)
    assert foundation.provision(STEP)[STEP].result == "updated"


def test_an_adopted_bucket_without_a_default_of_its_own_is_left_without_one(empty: World) -> None:
    their_bucket(empty)
    ours = adopting(empty)
    assert reasons(ours.provision(*FOUNDATION)) == {}
    assert default(empty)["SSEAlgorithm"] == "aws:kms"
    assert ours.teardown(consent=[KEY])[STEP].result == "removed"
    assert default(empty) == AES256


def test_a_key_alone_is_not_taken_down_while_its_bucket_holds_calls(foundation: World) -> None:
    foundation.rules.look("s3").put_object(Bucket=INPUT, Key="demo-tenant/calls/customer.wav", Body=b"a call")
    ended = foundation.teardown("master-key", consent=[KEY])
    assert ended["master-key"].result == "retained" and f"--delete-data {INPUT}" in ended["master-key"].reason
    assert STEP not in ended
    assert default(foundation)["SSEAlgorithm"] == "aws:kms"


def test_a_key_stays_with_results_whose_default_somebody_has_taken_off(foundation: World) -> None:
    s3 = foundation.rules.look("s3")
    s3.put_object(Bucket=RESULTS, Key="demo-tenant/2026/01/01/customer.json", Body=b"a result")
    foundation.cloud.client("s3").delete_bucket_encryption(Bucket=RESULTS)
    ended = foundation.teardown(consent=[KEY])
    assert ended["results-default-key"].result == "absent" and ended["results-bucket"].result == "retained"
    assert ended["master-key"].result == "retained"


def test_a_key_does_not_go_before_buckets_that_stay_even_when_they_are_empty(foundation: World) -> None:
    """Their policies would go with it, and the next recording would lie in an open bucket."""
    ended = foundation.teardown("master-key", consent=[KEY])
    assert ended["master-key"].result == "retained"
    assert ended["master-key"].reason.endswith("stays and needs it: protects `input-bucket`, which stays")
    ended = foundation.teardown("master-key", "input-bucket", "results-bucket", consent=[KEY])
    assert (ended["master-key"].result, ended[STEP].result) == ("removed", "removed")


def test_a_default_that_is_taken_down_by_itself_goes_back_to_what_new_buckets_have(foundation: World) -> None:
    assert foundation.teardown(STEP)[STEP].result == "removed"
    assert default(foundation) == AES256


def test_a_bucket_goes_on_refusing_keys_that_only_the_uploader_has(foundation: World) -> None:
    """Setting a default encryption without a word about them would admit them again."""
    put = foundation.cloud.client("s3").put_object
    with pytest.raises(ClientError, match="AccessDenied"):
        put(
            Bucket=RESULTS,
            Key="demo-tenant/x.json",
            Body=b"",
            SSECustomerAlgorithm="AES256",
            SSECustomerKey="k" * 32,
        )


def test_default_ok_relies_on_the_default_and_says_so(tmp_path: Path) -> None:
    shipped = (ROOT / "runbook.yaml").read_text()
    changed = tmp_path / "runbook.yaml"
    changed.write_text(shipped.replace("deny: not-sse-kms", "deny: not-sse-kms\n        mode: default-ok"))
    with pytest.raises(RunbookError, match=r"default-ok needs `encryption`"):
        load(changed, REGISTRY)
    relies = "deny: not-sse-kms\n        mode: default-ok\n        encryption: input-default-key"
    changed.write_text(shipped.replace("deny: not-sse-kms", relies))
    needs = {each.meta.id: each.meta.needs for each in load(changed, REGISTRY).entries}
    assert STEP in needs["input-encrypted"] and STEP not in needs["input-right-key"]
