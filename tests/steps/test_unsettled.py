"""Whole runs while AWS has not heard of everything yet: each succeeds in one start and leaves nothing twice."""

from __future__ import annotations

import pytest

from tests.moments import Moment
from tests.steps.faults import state
from tests.world import World, reasons

CONSENT = ["alias/cci-lite-master-key"]
INPUT = "cci-lite-input-123456789012-eu-central-1-an"


@pytest.fixture(scope="module")
def calm(_account: tuple[World, Moment]) -> str:
    """What an undisturbed provision leaves."""
    return state(_account[0].stand())


def test_refusals_that_pass_are_waited_for(calm: str, empty: World) -> None:
    empty.rules.unsettled = 2
    assert reasons(empty.provision()) == {}
    assert state(empty) == calm
    assert reasons(empty.teardown(consent=CONSENT)) == {}


def test_policies_that_are_still_read_as_they_were_are_waited_for_while_a_tenth_of_all_calls_is_answered_500_at_first(
    calm: str, empty: World
) -> None:
    empty.rules.stale_reads, empty.rules.broken = 3, 0.1
    assert reasons(empty.provision()) == {}
    assert state(empty) == calm


def test_an_account_is_provisioned_again_right_after_its_teardown(calm: str, provisioned: World) -> None:
    provisioned.rules.deletion_s = 90
    assert reasons(provisioned.teardown(consent=CONSENT)) == {}
    assert reasons(provisioned.provision()) == {}
    assert state(provisioned) == calm


def test_a_bucket_that_tells_event_bridge_goes_on_telling_it(provisioned: World) -> None:
    world = provisioned
    found = notifications(world)
    put = world.cloud.client("s3").put_bucket_notification_configuration
    put(Bucket=INPUT, NotificationConfiguration={**found, "EventBridgeConfiguration": {}})
    more = world.with_runbook(tenants={**world.runbook.tenants, "acme": world.runbook.tenants["demo-tenant"]})
    assert reasons(more.provision()) == {}
    assert len(notifications(world)["LambdaFunctionConfigurations"]) == 2
    assert notifications(world)["EventBridgeConfiguration"] == {}
    world.rules.look("s3").put_object(Bucket=INPUT, Key="demo-tenant/calls/kept.wav", Body=b"a call")
    assert reasons(world.teardown(), "removed", "released", "retained", "absent", "kept") == {}
    assert notifications(world) == {"EventBridgeConfiguration": {}}


def notifications(world: World) -> dict[str, object]:
    """Whom the input bucket tells of events, as AWS shows it."""
    found = world.cloud.client("s3").get_bucket_notification_configuration(Bucket=INPUT)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}
