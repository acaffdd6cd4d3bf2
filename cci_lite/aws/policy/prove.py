"""Proofs of what the runbook says about its policies. Imports only its neighbours; no AWS, no clock.

Why a PROVED is complete: a policy compares a request with finitely many texts, and `World` holds one request for each
combination of outcomes, so that every real request is decided like one of them. Callers differ only in whether they
are named, and in their own rights; the administrator has all that anyone could have, and a stranger stands for other
accounts. Not covered: the organisation's own policies, boundaries and sessions (these only take away).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cci_lite.aws.policy.conditions import matches
from cci_lite.aws.policy.document import PolicyDocument
from cci_lite.aws.policy.evaluate import Request, decide
from cci_lite.aws.policy.worlds import Actor, World, actors

Mode = Literal["strict", "default-ok"]
SSE = "s3:x-amz-server-side-encryption"
KEY = "s3:x-amz-server-side-encryption-aws-kms-key-id"
TLS = "aws:securetransport"
TENANT = "aws:PrincipalTag/tenant"

_PREFIX = "s3:prefix"
_ACCOUNT = "111122223333"
_EXAMPLES = ("s3:GetObject", "s3:PutObject", "s3:ListBucket", "sns:Publish", "AES256", "arn:aws:s3:::another-bucket")


@dataclass(frozen=True)
class Claim:
    """A statement about a policy. counterexample: a request that is decided otherwise; None when PROVED.

    decided: what becomes of the counterexample, to be read after "but this".
    """

    id: str
    text: str
    verdict: Literal["PROVED", "REFUTED"]
    counterexample: Request | None = None
    decided: str = "gets through"


def nothing_but_tls(policy: PolicyDocument, bucket_arn: str, account: str = _ACCOUNT) -> Claim:
    """No S3 call on the bucket or what is in it gets through without TLS, whoever makes it (aws-facts 1.5)."""
    world = _bucket(policy, bucket_arn, account, actions=frozenset({"s3:*"}))

    def bad(request: Request) -> bool:
        inside = request.resource == bucket_arn or request.resource.startswith(f"{bucket_arn}/")
        return inside and matches("s3:*", request.action.lower()) and request.context[TLS] == "false"

    return _never("nothing-but-tls", f"no request without TLS is allowed on {bucket_arn}", world, bad)


def nothing_but_our_key(
    policy: PolicyDocument, bucket_arn: str, key_arn: str, mode: Mode, account: str = _ACCOUNT
) -> Claim:
    """No upload is stored under any other key (aws-facts 1.1). strict: both headers are there and right; default-ok:
    they may also be left out, and the bucket's default encryption, which has to name the key, then decides.
    """
    world = _bucket(policy, bucket_arn, account, {SSE: frozenset({"aws:kms"}), KEY: frozenset({key_arn})})

    def bad(request: Request) -> bool:
        return _uploads(request, bucket_arn) and not _ours(request, key_arn, mode)

    return _never("nothing-but-our-key", f"no upload to {bucket_arn} ends under another key ({mode})", world, bad)


def no_header_no_upload(policy: PolicyDocument, bucket_arn: str, account: str = _ACCOUNT) -> Claim:
    """Strict mode: uploads that do not say how to encrypt are refused (aws-facts 1.4)."""
    world = _bucket(policy, bucket_arn, account, {SSE: frozenset({"aws:kms"}), KEY: frozenset()})

    def bad(request: Request) -> bool:
        return _uploads(request, bucket_arn) and not (SSE in request.context and KEY in request.context)

    return _never("no-header-no-upload", f"no upload to {bucket_arn} without both headers", world, bad)


def no_wrong_header(policy: PolicyDocument, bucket_arn: str, key_arn: str, account: str = _ACCOUNT) -> Claim:
    """default-ok mode: a header that is there is right (aws-facts 1.4)."""
    world = _bucket(policy, bucket_arn, account, {SSE: frozenset({"aws:kms"}), KEY: frozenset({key_arn})})

    def bad(request: Request) -> bool:
        wrong = request.context.get(SSE, "aws:kms") != "aws:kms" or request.context.get(KEY, key_arn) != key_arn
        return wrong and _uploads(request, bucket_arn)

    return _never("no-wrong-header", f"no upload to {bucket_arn} with a wrong header", world, bad)


def tenant_a_not_b(policy: PolicyDocument, bucket_arn: str, a: str, b: str, account: str = _ACCOUNT) -> Claim:
    """Who is tagged as tenant `a` reaches nothing under `b/`, and lists nothing outside `a/` (aws-facts 17)."""
    world = World(
        policy,
        account,
        (Actor(f"arn:aws:iam::{account}:role/tenant-{a}"),),
        frozenset({"s3:*", "s3:listbucket*"}),
        frozenset({bucket_arn, f"{bucket_arn}/{b}/*"}),
        {_PREFIX: frozenset({f"{a}/*"}), TLS: frozenset()},
        (*_EXAMPLES, f"{bucket_arn}/{b}/calls/call.wav", f"{bucket_arn}/{a}/calls/call.wav"),
        {TENANT: a},
        attached=False,
    )

    def bad(request: Request) -> bool:
        listing = request.resource == bucket_arn and request.action.lower().startswith("s3:listbucket")
        abroad = not str(request.context.get(_PREFIX, "")).startswith(f"{a}/")
        return request.resource.startswith(f"{bucket_arn}/{b}/") or (listing and abroad)

    return _never("tenant-a-not-b", f"tenant {a} reaches nothing of tenant {b}", world, bad)


def role_can_exactly(policy: PolicyDocument, required: Sequence[Request], forbidden: Sequence[Request]) -> Claim:
    """Each required request (of one caller, at least one) is allowed by the policy alone, each forbidden one is not."""
    text = f"{required[0].principal_arn} can do {len(required)} calls of its code, and none of {len(forbidden)} others"
    for wanted, requests, otherwise in ((True, required, "is refused"), (False, forbidden, "gets through")):
        for each in requests:
            if decide(each, identity=(policy,)).allowed != wanted:
                return Claim("role-can-exactly", text, "REFUTED", each, otherwise)
    return Claim("role-can-exactly", text, "PROVED")


def _never(name: str, text: str, world: World, bad: Callable[[Request], bool]) -> Claim:
    """Proved when nothing that is bad is allowed."""
    for actor, request in world.requests():
        if bad(request) and world.decide(actor, request).allowed:
            return Claim(name, text, "REFUTED", request)
    return Claim(name, text, "PROVED")


def _bucket(
    policy: PolicyDocument,
    bucket_arn: str,
    account: str,
    keys: dict[str, frozenset[str]] | None = None,
    actions: frozenset[str] = frozenset({"s3:putobject"}),
) -> World:
    examples = (*_EXAMPLES, bucket_arn, f"{bucket_arn}/demo-tenant/calls/call.wav")
    asked = {TLS: frozenset[str](), **(keys or {})}
    resources = frozenset({bucket_arn, f"{bucket_arn}/*"})
    return World(policy, account, actors(policy, account), actions, resources, asked, examples)


def _uploads(request: Request, bucket_arn: str) -> bool:
    return request.action.lower() == "s3:putobject" and request.resource.startswith(f"{bucket_arn}/")


def _ours(request: Request, key_arn: str, mode: Mode) -> bool:
    """Whether an allowed upload ends under the key. aws:kms without a key id means the account's aws/s3 key."""
    sse, key = request.context.get(SSE), request.context.get(KEY)
    if sse is None and mode == "default-ok":
        return key in (None, key_arn)
    return (sse, key) == ("aws:kms", key_arn)
