"""The roles of crawler and QuickSight read the results of registered tenants: exactly these, and of ninety of them."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide
from cci_lite.aws.site import Site
from cci_lite.engine.diff import created
from cci_lite.engine.model import Known
from cci_lite.runbook import Runbook
from cci_lite.runbook.shapes import MOST_TENANTS
from cci_lite.steps.kind import Tenant
from cci_lite.steps.reading_results import read_results
from tests.steps.phase4 import RUNBOOK as WITH_QUICKSIGHT
from tests.steps.test_crawler import RUNBOOK as WITH_CRAWLER
from tests.world import ACCOUNT, account

SITE = Site(ACCOUNT, "eu-central-1", "aws")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"
#: "11" could be taken for a month, where a wildcard stood for folders.
TENANTS = ("demo-tenant", "11")
POLICY = PolicyDocument.parse({"Version": "2012-10-17", "Statement": read_results(SITE, "results", TENANTS)})
TENANT = Tenant(retention_days_input=1, retention_days_results=30)


def readable(key: str, bucket: str = "results") -> bool:
    request = Request(ROLE, ACCOUNT, "s3:GetObject", f"{SITE.bucket_arn(bucket)}/{key}")
    return decide(request, identity=[POLICY]).allowed


@pytest.mark.parametrize("tenant", TENANTS)
def test_results_of_registered_tenants_can_be_read(tenant: str) -> None:
    assert readable(f"{tenant}/2026/11/24/call-1.json")


@pytest.mark.parametrize(
    "key",
    [
        "left/2026/11/24/call-1.json",
        "left/2026/11/2026/11/24/call-1.json",
        "tmp/demo-tenant/2026-job/asr.json",
        "_raw/demo-tenant/2026/11/24/call-1.json",
        "demo-tenant/_failed/call-1.json",
        "backup/demo-tenant/2026/11/24/call-1.json",
        "demo-tenant/2026/11/24/deeper/call-1.json",
        "athena-results/a.csv",
        "demo-tenant/",
    ],
)
def test_nothing_else_in_the_bucket_can_be_read(key: str) -> None:
    assert not readable(key)


def test_no_other_bucket_can_be_read() -> None:
    assert not readable("demo-tenant/2026/11/24/call-1.json", bucket="theirs")


PARTS = st.sampled_from([*TENANTS, "left", "tmp", "_raw", "2026", "11", "24", "2", "a.json", ""])


@given(st.lists(PARTS, min_size=1, max_size=8).map("/".join))
def test_what_can_be_read_is_what_a_result_is_called(key: str) -> None:
    assert readable(key) is bool(re.fullmatch(r"(demo-tenant|11)/2[^/]{3}/[^/]{2}/[^/]{2}/[^/]*", key))


@pytest.mark.parametrize(
    ("runbook", "step", "role"),
    [
        (WITH_CRAWLER, "glue-policy", "cci-lite-glue-role"),
        (WITH_QUICKSIGHT, "quicksight-policy", "cci-lite-quicksight-role"),
    ],
    ids=["crawler", "QuickSight"],
)
def test_as_many_tenants_as_a_runbook_may_have_fit_into_one_role(runbook: Runbook, step: str, role: str) -> None:
    """IAM takes 10,240 characters; the name of a bucket may be 18 longer than ours, and is there four times."""
    tenants = {f"tenant-{number:02}".ljust(41, "x"): TENANT for number in range(MOST_TENANTS)}
    with account(runbook) as world:
        iam, policy = world.rules.look("iam"), world.with_runbook(tenants=tenants).graph[step]
        iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
        want = policy.desired(Known({"master-key": {"arn": SITE.arn("kms", f"key/{uuid4()}")}}))
        policy.apply(want, None, created(want))
        (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        assert 8_000 < len(json.dumps(found, separators=(",", ":"))) < 9_000


def test_more_than_iam_takes_is_refused() -> None:
    with account() as world:
        world.rules.look("iam").create_role(RoleName="reader", AssumeRolePolicyDocument="{}")
        actions = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": [f"arn:aws:s3:::{'x' * 60}"] * 70}
        half = json.dumps({"Version": "2012-10-17", "Statement": [actions]})
        client = world.cloud.client("iam")
        client.put_role_policy(RoleName="reader", PolicyName="first", PolicyDocument=half)
        client.put_role_policy(RoleName="reader", PolicyName="first", PolicyDocument=half)
        with pytest.raises(client.exceptions.LimitExceededException, match="Maximum policy size of 10240 bytes"):
            client.put_role_policy(RoleName="reader", PolicyName="second", PolicyDocument=half)
