"""What the policies that a run would write are claimed to do, proved before anything is written.

Foreign statements do not matter: ours are Denies, and a Deny wins over whatever others allow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cci_lite.aws.policy import PolicyDocument
from cci_lite.aws.policy.prove import (
    Claim,
    no_header_no_upload,
    no_wrong_header,
    nothing_but_our_key,
    nothing_but_tls,
)
from cci_lite.engine.model import Action, Known
from cci_lite.engine.plan import Plan
from cci_lite.steps.bucket_statement import BucketStatement
from cci_lite.steps.iam_role_policy import IamRolePolicy
from cci_lite.steps.processor_claims import exactly_what_the_code_calls

_ENCRYPTION = {"not-sse-kms", "wrong-kms-key"}


def claims(plan: Plan) -> list[Claim]:
    """One verdict a claim, for every bucket, and the function's role, whose policy the plan would change.

    Of a bucket's policy that counts which is in place or would be written, and nothing else the runbook speaks of.
    """
    pending = [each.step for each in plan.pending]
    there = [*pending, *(each.step for each in (*plan.context, *plan.decisions) if each.action is Action.KEEP)]
    statements = [each for each in there if isinstance(each, BucketStatement)]
    buckets = dict.fromkeys(each.bucket for each in pending if isinstance(each, BucketStatement))
    roles = [each for each in pending if isinstance(each, IamRolePolicy)]
    return [
        *(claim for bucket in buckets for claim in _about(bucket, statements, plan.known)),
        *(exactly_what_the_code_calls(each, plan.known) for each in roles),
    ]


def _about(bucket: str, statements: Iterable[BucketStatement], known: Known) -> Iterator[Claim]:
    steps = [each for each in statements if each.bucket == bucket]
    wanted = [one for each in steps for one in each.desired(known).statements.values() if one is not None]
    policy, arn = PolicyDocument(tuple(wanted), {"Version": "2012-10-17"}), steps[0].cloud.site.bucket_arn(bucket)
    denied = {each.settings.deny: each.settings for each in steps}
    if "insecure-transport" in denied:
        yield nothing_but_tls(policy, arn)
    if denied.keys() >= _ENCRYPTION:
        settings = denied["wrong-kms-key"]
        key = known.fact(str(settings.key), "arn")
        yield nothing_but_our_key(policy, arn, key, settings.mode)
        if settings.mode == "strict":
            yield no_header_no_upload(policy, arn)
        else:
            yield no_wrong_header(policy, arn, key)
