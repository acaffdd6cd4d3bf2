"""Parameter Store is the one source of settings, remembered for a minute."""

from __future__ import annotations

import pytest

from cci_lite.payload.processor.config import OUTCOMES, RUBRIC, Configuration, Environment

from . import fakes
from .world import CONFIG, World

VARIABLES = {
    "INPUT_BUCKET": "in",
    "OUTPUT_BUCKET": "out",
    "RESULTS_TMP_PREFIX": "tmp/",
    "KMS_KEY_ARN": fakes.KEY_ARN,
    "CONFIG_PATH": "/cci-lite/config",
}


def configuration(world: World) -> Configuration:
    return Configuration(world.ssm, CONFIG, lambda: world.seconds)


def test_a_tenant_is_asked_for_once_in_a_minute_and_then_again(world: World) -> None:
    known = configuration(world)
    for world.seconds in (0.0, 10.0, 59.0):
        assert known.tenant("demo-tenant") is not None
    assert world.aws.operations == ["GetParameter"]
    world.tenant(language="de-DE")
    world.seconds = 61.0
    tenant = known.tenant("demo-tenant")
    assert tenant is not None and tenant.language == "de-DE"


def test_a_tenant_registered_a_moment_later_is_found_at_once(world: World) -> None:
    known = configuration(world)
    assert known.tenant("late") is None
    world.tenant("late")
    assert known.tenant("late") is not None


def test_what_the_runbook_leaves_out_has_defaults(world: World) -> None:
    world.ssm.parameters[f"{CONFIG}/tenants/plain"] = {"tenant_id": "plain", "retention_days_results": 30}
    tenant = configuration(world).tenant("plain")
    assert tenant is not None
    assert (tenant.language, tenant.agent_channel, tenant.redact) == ("auto", None, True)
    assert (tenant.outcomes, tenant.rubric, tenant.categories) == (OUTCOMES, RUBRIC, ())


def test_a_refusal_is_not_mistaken_for_an_unregistered_tenant(world: World) -> None:
    def refuse(number: int, name: str, done: bool) -> None:
        raise fakes.refusal(name, "AccessDeniedException")

    world.aws.plan = refuse
    with pytest.raises(fakes.ClientError):
        configuration(world).tenant("demo-tenant")


def test_without_a_configured_model_the_event_is_kept_for_a_retry(world: World) -> None:
    del world.ssm.parameters[f"{CONFIG}/models"]
    with pytest.raises(KeyError):
        configuration(world).models()


@pytest.mark.parametrize("missing", sorted(VARIABLES))
def test_every_variable_is_needed(missing: str) -> None:
    assert Environment.read(VARIABLES).output_bucket == "out"
    with pytest.raises(KeyError, match=missing):
        Environment.read({name: value for name, value in VARIABLES.items() if name != missing})
