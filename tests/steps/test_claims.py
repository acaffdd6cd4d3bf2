from __future__ import annotations

from typing import Any

import pytest

from cci_lite.steps import iam_role_policy, processor_claims
from cci_lite.steps.claims import claims
from cci_lite.steps.inline_policy import allow
from tests.world import FOUNDATION, World


def verdicts(world: World) -> list[tuple[str, str]]:
    return [(each.id, each.verdict) for each in claims(world.plan(*FOUNDATION))]


def test_the_policies_are_proved_before_they_are_written_and_not_again(empty: World) -> None:
    proved = [("nothing-but-tls", "PROVED"), ("nothing-but-our-key", "PROVED"), ("no-header-no-upload", "PROVED")]
    assert verdicts(empty) == [*proved, ("nothing-but-tls", "PROVED"), ("role-can-exactly", "PROVED")]
    assert verdicts(empty.stand()) == []


def test_nothing_is_claimed_of_statements_that_are_neither_there_nor_would_be_written(empty: World) -> None:
    below, alone = ("master-key", "input-bucket"), empty.plan("master-key", "input-bucket", "input-right-key")
    assert [each.step.meta.id for each in alone.pending][-1] == "input-right-key" and claims(alone) == []
    both = {each.id: each.verdict for each in claims(empty.plan(*below, "input-right-key", "input-encrypted"))}
    assert both == {"nothing-but-our-key": "PROVED", "no-header-no-upload": "PROVED"}


def test_default_ok_claims_less(empty: World) -> None:
    mild = empty.with_settings("input-encrypted", mode="default-ok")
    mild = mild.with_settings("input-right-key", mode="default-ok")
    told = dict(verdicts(mild))
    assert (told["nothing-but-our-key"], told["no-wrong-header"]) == ("PROVED", "PROVED")
    assert "no-header-no-upload" not in told


def test_one_statement_in_another_mode_is_refuted_with_the_request_that_gets_through(empty: World) -> None:
    mixed = empty.with_settings("input-encrypted", mode="default-ok")
    mixed = mixed.with_settings("input-right-key", mode="strict")
    found = {each.id: each for each in claims(mixed.plan(*FOUNDATION))}
    assert found["nothing-but-tls"].verdict == "PROVED"
    broken = [each for each in found.values() if each.verdict == "REFUTED"]
    assert broken and all(each.counterexample is not None for each in broken)


def test_the_role_is_proved_again_whenever_its_policy_would_change(foundation: World) -> None:
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    which = {"RoleName": "cci-lite-lambda-role", "PolicyName": "cci-lite-processor"}
    foundation.rules.look("iam").put_role_policy(**which, PolicyDocument=document)
    assert verdicts(foundation) == [("role-can-exactly", "PROVED")]


@pytest.mark.parametrize(
    ("spoiled", "request_", "decided"),
    [
        ({"sid": "Results", "actions": ("s3:*",)}, "s3:DeleteObject", "gets through"),
        ({"sid": "ReadInput", "actions": ("s3:GetObjectAcl",)}, "s3:GetObject", "is refused"),
        ({"sid": "StartTranscription", "condition": {}}, "transcribe:StartTranscriptionJob", "gets through"),
    ],
    ids=["too much", "too little", "without its condition"],
)
def test_a_role_that_can_do_more_or_less_is_refuted(
    empty: World, spoiled: dict[str, Any], request_: str, decided: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoiling(sid: str, actions: tuple[str, ...], *resources: str, **condition: Any) -> dict[str, Any]:
        if sid != spoiled["sid"]:
            return allow(sid, actions, *resources, **condition)
        return allow(sid, spoiled.get("actions", actions), *resources, **spoiled.get("condition", condition))

    monkeypatch.setattr(iam_role_policy, "allow", spoiling)
    (claim,) = [each for each in claims(empty.plan(*FOUNDATION)) if each.id == "role-can-exactly"]
    assert (claim.verdict, claim.decided) == ("REFUTED", decided)
    assert claim.counterexample is not None and claim.counterexample.action == request_


def test_an_action_that_nobody_has_a_place_for_is_not_passed_over(
    empty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(processor_claims.IAM_ACTIONS, "sns", ("sns:Publish",))
    with pytest.raises(KeyError, match="sns:Publish"):
        claims(empty.plan(*FOUNDATION))
