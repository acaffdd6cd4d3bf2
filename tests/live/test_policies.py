"""AWS's own decision about the function's role, beside the evaluator's that the product proves its policies with."""

from __future__ import annotations

from typing import Any

import pytest

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide
from tests.live.account import REGION, Account

_WORDS = {"identity-allow": "allowed", "no-allow": "implicitDeny", "explicit-deny": "explicitDeny"}

#: (action, resource, context): things and values of the run are in braces.
ASKED = (
    ("s3:GetObject", "arn:aws:s3:::{input}/demo-tenant/calls/a.wav", {}),
    ("s3:GetObject", "arn:aws:s3:::{input}/demo-tenant/other/a.wav", {}),
    ("s3:PutObject", "arn:aws:s3:::{input}/demo-tenant/calls/a.wav", {}),
    ("s3:PutObject", "arn:aws:s3:::{results}/demo-tenant/2026/01/01/a.json", {}),
    ("s3:PutObject", "arn:aws:s3:::{results}/_raw/demo-tenant/a.json", {}),
    ("s3:DeleteObject", "arn:aws:s3:::{results}/demo-tenant/2026/01/01/a.json", {}),
    ("s3:ListBucket", "arn:aws:s3:::{results}", {}),
    ("kms:GenerateDataKeyWithoutPlaintext", "{key}", {}),
    ("kms:ScheduleKeyDeletion", "{key}", {}),
    pytest.param(
        "transcribe:StartTranscriptionJob",
        "*",
        {"transcribe:OutputBucketName": "{results}", "transcribe:OutputEncryptionKMSKeyId": "{key}"},
        id="transcription-with-both-conditions-met",
    ),
    ("transcribe:StartTranscriptionJob", "*", {"transcribe:OutputBucketName": "{results}"}),
    ("transcribe:StartTranscriptionJob", "*", {}),
    ("comprehend:DetectSentiment", "*", {}),
    ("sqs:SendMessage", "arn:aws:sqs:{region}:{account}:{queue}", {}),
    ("sqs:SendMessage", "arn:aws:sqs:{region}:{account}:cci-lite-processor-failures", {}),
    ("iam:PassRole", "*", {}),
)


@pytest.fixture(scope="module")
def policy(account: Account) -> PolicyDocument:
    """What the role may do, as IAM has it."""
    which = {"RoleName": account.name("processor-role"), "PolicyName": account.name("processor-policy")}
    return PolicyDocument.parse(account.client("iam").get_role_policy(**which)["PolicyDocument"])


@pytest.fixture(scope="module")
def things(account: Account) -> dict[str, str]:
    return {
        "account": account.allowed.account,
        "region": REGION,
        "input": account.name("input-bucket"),
        "results": account.name("results-bucket"),
        "queue": account.name("processor-failures"),
        "key": account.key_arn,
    }


@pytest.mark.parametrize(("action", "resource", "context"), ASKED)
def test_the_simulator_decides_as_our_evaluator_does(
    account: Account,
    policy: PolicyDocument,
    things: dict[str, str],
    action: str,
    resource: str,
    context: dict[str, str],
) -> None:
    filled = {key: value.format(**things) for key, value in context.items()}
    target = resource.format(**things)
    role = f"arn:aws:iam::{account.allowed.account}:role/{account.name('processor-role')}"
    request = Request(role, account.allowed.account, action, target, filled)
    ours = decide(request, identity=[policy])
    assert simulated(account, policy, request) == _WORDS[ours.why]


def simulated(account: Account, policy: PolicyDocument, request: Request) -> str:
    """SimulateCustomPolicy's word for one call under the role's own policy."""
    entries: list[dict[str, Any]] = [
        {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for key, value in request.context.items()
    ]
    answer = account.client("iam").simulate_custom_policy(
        PolicyInputList=[policy.to_json()],
        ActionNames=[request.action],
        ResourceArns=[request.resource],
        ContextEntries=entries,
    )
    return str(answer["EvaluationResults"][0]["EvalDecision"])
