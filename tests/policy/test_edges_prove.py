"""What each claim says, what refutes it, and which requests a proof looks at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cci_lite.aws.policy import PolicyDocument, bucket_statements
from cci_lite.aws.policy.cells import cells, witnesses
from cci_lite.aws.policy.conditions import UnsupportedCondition
from cci_lite.aws.policy.evaluate import Request
from cci_lite.aws.policy.prove import (
    KEY,
    SSE,
    TLS,
    Claim,
    no_header_no_upload,
    no_wrong_header,
    nothing_but_our_key,
    nothing_but_tls,
    role_can_exactly,
    tenant_a_not_b,
)
from cci_lite.aws.policy.worlds import ADMINISTRATOR, Actor, World, actors

ACCOUNT, OTHER = "111122223333", "444455556666"
BUCKET = "arn:aws:s3:::b"
CALL = f"{BUCKET}/demo-tenant/calls/call.wav"
OURS = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
EVERYBODY = f"arn:aws:iam::{ACCOUNT}:user/somebody"
STRANGER = f"arn:aws:iam::{OTHER}:user/stranger"


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> PolicyDocument:
    return PolicyDocument.parse({"Version": version, "Statement": list(statements)})


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*", **more}


def strict() -> PolicyDocument:
    return document(*(dict(each.raw) for each in bucket_statements(BUCKET, OURS, "strict").values()))


def shown(claim: Claim) -> tuple[str, str, dict[str, Any]]:
    """The request that refutes a claim: what, on what, and with what."""
    assert claim.verdict == "REFUTED" and claim.counterexample is not None
    return claim.counterexample.action, claim.counterexample.resource, dict(claim.counterexample.context)


@pytest.mark.parametrize(
    ("prove", "name", "text"),
    [
        (lambda p: nothing_but_tls(p, BUCKET), "nothing-but-tls", f"no request without TLS is allowed on {BUCKET}"),
        (
            lambda p: nothing_but_our_key(p, BUCKET, OURS, "strict"),
            "nothing-but-our-key",
            f"no upload to {BUCKET} ends under another key (strict)",
        ),
        (
            lambda p: no_header_no_upload(p, BUCKET),
            "no-header-no-upload",
            f"no upload to {BUCKET} without both headers",
        ),
        (lambda p: no_wrong_header(p, BUCKET, OURS), "no-wrong-header", f"no upload to {BUCKET} with a wrong header"),
    ],
)
def test_a_claim_is_named_the_same_whether_it_holds_or_not(
    prove: Callable[[PolicyDocument], Claim], name: str, text: str
) -> None:
    assert prove(strict()) == Claim(name, text, "PROVED")
    refuted = prove(document())
    assert (refuted.id, refuted.text, refuted.verdict) == (name, text, "REFUTED")


def test_without_a_policy_an_administrator_gets_through_in_plain_words() -> None:
    action, resource, context = shown(nothing_but_tls(document(), BUCKET))
    assert (action, resource, context) == ("s3:GetObject", BUCKET, {TLS: "false"})
    action, resource, context = shown(no_header_no_upload(document(), BUCKET))
    assert (action, resource, context) == ("s3:PutObject", CALL, {TLS: "false"})
    for claim in (no_wrong_header(document(), BUCKET, OURS), nothing_but_our_key(document(), BUCKET, OURS, "strict")):
        assert shown(claim)[:2] == ("s3:PutObject", CALL)


@pytest.mark.parametrize(
    ("missing", "wrong"),
    [("CciLiteDenyNotSseKms", SSE), ("CciLiteDenyWrongKmsKey", KEY)],
)
def test_one_wrong_header_is_enough_to_refute(missing: str, wrong: str) -> None:
    """The statement about the other header stands, and does not help."""
    left = [dict(each.raw) for sid, each in bucket_statements(BUCKET, OURS, "strict").items() if sid != missing]
    _, resource, context = shown(no_wrong_header(document(*left), BUCKET, OURS))
    right = {SSE: "aws:kms", KEY: OURS}
    assert resource == CALL
    assert [name for name in right if context.get(name, right[name]) != right[name]] == [wrong]


@pytest.mark.parametrize("missing", [SSE, KEY])
def test_one_header_of_two_is_not_both(missing: str) -> None:
    """A Deny that only asks for the other header lets this one be left out."""
    other = KEY if missing == SSE else SSE
    deny = allow(Effect="Deny", Action="s3:PutObject", Resource=f"{BUCKET}/*", Condition={"Null": {other: "true"}})
    context = shown(no_header_no_upload(document(deny), BUCKET))[2]
    assert other in context and missing not in context


def test_tls_is_claimed_for_everything_in_s3_and_for_nothing_else() -> None:
    reads_only = allow(
        Effect="Deny",
        Action=["s3:Get*", "s3:List*"],
        Resource=[BUCKET, f"{BUCKET}/*"],
        Condition={"Bool": {"aws:SecureTransport": "false"}},
    )
    assert shown(nothing_but_tls(document(reads_only), BUCKET))[0] == "s3:PutObject"
    bucket_only = {**reads_only, "Action": "s3:*", "Resource": BUCKET}
    assert shown(nothing_but_tls(document(bucket_only), BUCKET))[1] == CALL
    objects_only = {**bucket_only, "Resource": f"{BUCKET}/*"}
    assert shown(nothing_but_tls(document(objects_only), BUCKET))[1] == BUCKET


TAGGED = "${aws:PrincipalTag/tenant}"
LISTING = {
    "Effect": "Allow",
    "Action": "s3:ListBucket",
    "Resource": BUCKET,
    "Condition": {"StringLike": {"s3:prefix": f"{TAGGED}/*"}},
}


def tenant(*statements: dict[str, Any]) -> Claim:
    return tenant_a_not_b(document(*statements), BUCKET, "a", "b")


def test_a_tenant_may_list_its_own_prefix_and_read_its_own_calls() -> None:
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/{TAGGED}/*"}
    assert tenant(LISTING, reading) == Claim("tenant-a-not-b", "tenant a reaches nothing of tenant b", "PROVED")


def test_what_reaches_into_another_tenant_is_shown() -> None:
    everything = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
    claim = tenant(LISTING, everything)
    assert (claim.id, claim.text) == ("tenant-a-not-b", "tenant a reaches nothing of tenant b")
    assert shown(claim)[:2] == ("s3:GetObject", f"{BUCKET}/b/calls/call.wav")


@pytest.mark.parametrize("action", ["s3:ListBucket", "s3:ListBucketVersions"])
def test_a_listing_without_a_prefix_or_of_another_one_is_abroad(action: str) -> None:
    unbound = {"Effect": "Allow", "Action": action, "Resource": BUCKET}
    named, resource, context = shown(tenant(unbound))
    assert (named.lower(), resource) == (action.lower(), BUCKET) and not str(context.get("s3:prefix", "")).startswith(
        "a/"
    )
    other = {**unbound, "Condition": {"StringLike": {"s3:prefix": "b/*"}}}
    assert str(shown(tenant(other))[2]["s3:prefix"]).startswith("b/")


def test_other_calls_on_the_bucket_are_not_listings() -> None:
    assert tenant({"Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": BUCKET}).verdict == "PROVED"


def test_a_policy_that_is_read_as_plain_text_opens_no_prefix() -> None:
    """In Version 2008-10-17 a variable is literal text: nobody's keys look like it."""
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/{TAGGED}*"}
    old = document(reading, version="2008-10-17")
    assert tenant_a_not_b(old, BUCKET, "a", "a-two").verdict == "PROVED"
    assert tenant_a_not_b(document(reading), BUCKET, "a", "a-two").verdict == "REFUTED"


def test_each_right_is_told_and_the_first_wrong_one_is_shown() -> None:
    read, write = (Request(EVERYBODY, ACCOUNT, action, CALL) for action in ("s3:GetObject", "s3:PutObject"))
    reader = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    told = "role-can-exactly", f"{EVERYBODY} can do 1 calls of its code, and none of 1 others"
    assert role_can_exactly(reader, [read], [write]) == Claim(*told, "PROVED")
    assert role_can_exactly(reader, [write], [read]) == Claim(*told, "REFUTED", write, "is refused")
    assert role_can_exactly(ADMINISTRATOR, [read], [write]) == Claim(*told, "REFUTED", write, "gets through")


def test_who_is_named_calls_as_well_each_with_and_without_rights() -> None:
    named = document(
        allow(Principal={"AWS": EVERYBODY.replace("somebody", "named"), "Service": "s3.amazonaws.com"}),
        {"Effect": "Deny", "NotPrincipal": {"AWS": STRANGER, "Service": "events.amazonaws.com"}, "Action": "*"},
        allow(Principal={"Federated": "example.com"}),
    )
    people = sorted([EVERYBODY, EVERYBODY.replace("somebody", "named"), STRANGER])
    assert actors(named, ACCOUNT) == (
        *(Actor(each, (ADMINISTRATOR,)) for each in people),
        *(Actor(each) for each in people),
        Actor("events.amazonaws.com"),
        Actor("s3.amazonaws.com"),
    )


def world(*statements: dict[str, Any], keys: dict[str, frozenset[str]] | None = None, **fixed: str) -> World:
    actions, resources = frozenset({"s3:PutObject"}), frozenset({BUCKET})
    return World(document(*statements), ACCOUNT, (Actor(EVERYBODY),), actions, resources, keys or {}, ("yes",), fixed)


def values(made: World, key: str) -> set[object]:
    return {request.context.get(key) for _, request in made.requests()}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {"k": "true"}}, {None, "false", "true"}),
        ({"BoolIfExists": {"k": "true"}, "Null": {"k": "false"}}, {None, "false", "true"}),
        ({"StringEquals": {"k": ["x", "y"]}}, {None, "x", "y", "yes"}),
        ({"StringNotEqualsIfExists": {"k": "x"}}, {None, "x", "yes"}),
        ({"Null": {"k": "true"}}, {None, "yes"}),
        ({"StringLike": {"k": "ye*"}, "StringEquals": {"k": "x"}}, {None, "", "x", "yes"}),
    ],
)
def test_a_key_is_absent_or_has_one_value_for_every_way_to_match(
    condition: dict[str, Any], expected: set[object]
) -> None:
    found = values(world(allow(Condition=condition)), "k")
    assert found == expected


def test_keys_of_the_claim_are_asked_also_where_no_statement_does() -> None:
    found = values(world(keys={"k": frozenset({"x"})}), "k")
    assert found == {None, "x", "yes"}
    both = values(world(allow(Condition={"StringEquals": {"k": "y"}}), keys={"k": frozenset({"x"})}), "k")
    assert both == {None, "x", "y", "yes"}


def test_a_key_that_is_fixed_is_the_same_in_every_request() -> None:
    made = world(allow(Condition={"StringEquals": {"Fixed": "x"}}), Fixed="1")
    assert {tuple(request.context.items()) for _, request in made.requests()} == {(("Fixed", "1"),)}


def test_actions_and_resources_of_every_statement_are_told_apart() -> None:
    made = world(
        allow(Action="s3:Get*", Resource="arn:aws:s3:::c/*"),
        {"Effect": "Allow", "Principal": "*", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::d"},
    )
    asked = {(request.action, request.resource) for _, request in made.requests()}
    assert {each for each, _ in asked} >= {"s3:putobject", "yes"}  # "yes" is what no pattern speaks of
    assert any(each.startswith("s3:get") for each, _ in asked) and any(each.startswith("iam:") for each, _ in asked)
    assert {each for _, each in asked} >= {BUCKET, "arn:aws:s3:::d", "yes"}
    assert any(each.startswith("arn:aws:s3:::c/") for _, each in asked)


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, "no proof over IpAddress on aws:sourceip"),
        ({"StringEquals": {"k": "a*"}}, "no proof over StringEquals on k with a literal wildcard"),
        ({"StringEqualsIfExists": {"k": "a?"}}, "no proof over StringEqualsIfExists on k with a literal wildcard"),
        ({"StringNotEquals": {"k": "a*"}}, "no proof over StringNotEquals on k with a literal wildcard"),
    ],
)
def test_what_cannot_be_proved_says_on_what(condition: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedCondition) as caught:
        list(world(allow(Condition=condition)).requests())
    assert str(caught.value) == message


def test_examples_stand_in_for_made_up_texts_and_the_first_one_counts() -> None:
    assert set(witnesses(["a*"], ["b-first", "b-second", "a-first", "a-second"])) == {"b-first", "a-first"}
    assert dict(cells(["a*"], ["arn"])) == {(False,): "", (True,): "arn"}
    assert cells(["?"], ["x"])[(True,)] == "x" and cells(["x?z"], ["xyz"])[(True,)] == "xyz"


def test_a_character_that_no_pattern_mentions_stands_for_all_others() -> None:
    assert cells(["z", "q?"]) == {(False, False): "", (False, True): "z", (True, False): "qq"}
    assert cells(["z*", "*"]) == {(True, False): "", (True, True): "z"}
    assert set(cells(["zqxj0~", "?"])) == {(False, False), (True, False), (False, True)}
    assert "\u01000" in cells(["z?", "q?", "x?", "j?", "0?", "~?", "??"]).values()
