from __future__ import annotations

from cci_lite.steps.claims import claims
from tests.world import World, account


def verdicts(world: World) -> list[tuple[str, str]]:
    return [(each.id, each.verdict) for each in claims(world.graph, world.plan())]


def test_the_policies_are_proved_before_they_are_written_and_not_again() -> None:
    with account() as world:
        proved = [("nothing-but-tls", "PROVED"), ("nothing-but-our-key", "PROVED"), ("no-header-no-upload", "PROVED")]
        assert verdicts(world) == [*proved, ("nothing-but-tls", "PROVED")]
        world.provision()
        assert verdicts(world) == []


def test_default_ok_claims_less() -> None:
    with account() as world:
        mild = world.with_settings("input-encrypted", mode="default-ok")
        mild = mild.with_settings("input-right-key", mode="default-ok")
        assert ("nothing-but-our-key", "PROVED") in verdicts(mild)
        assert "no-header-no-upload" not in dict(verdicts(mild))


def test_one_statement_in_another_mode_is_refuted_with_the_request_that_gets_through() -> None:
    with account() as world:
        mixed = world.with_settings("input-encrypted", mode="default-ok")
        mixed = mixed.with_settings("input-right-key", mode="strict")
        found = {each.id: each for each in claims(mixed.graph, mixed.plan())}
        assert found["nothing-but-tls"].verdict == "PROVED"
        broken = [each for each in found.values() if each.verdict == "REFUTED"]
        assert all(each.counterexample is not None for each in broken)
