"""What Lambda does with events that failed: whose setting it is, and that none arrive before it is there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.steps.spoils import FUNCTION, invocation
from tests.world import World

STEP = "processor-retries"


def config(world: World) -> Any:
    return world.rules.look("lambda").get_function_event_invoke_config(FunctionName=FUNCTION)


def without_our_tags(world: World) -> None:
    """The function as if somebody else had made it, with the tags that the runbook wants."""
    functions = world.rules.look("lambda")
    arn = functions.get_function(FunctionName=FUNCTION)["Configuration"]["FunctionArn"]
    marks = [each for each in functions.list_tags(Resource=arn)["Tags"] if each.startswith("cci-lite:")]
    functions.untag_resource(Resource=arn, TagKeys=marks)


def test_no_event_comes_before_it_has_somewhere_to_go_when_it_fails(empty: World) -> None:
    names = [each.operation for each in empty.stand().rules.calls if not each.read]
    first = names.index("PutFunctionEventInvokeConfig")
    assert all(names.index(each) > first for each in ("PutBucketNotificationConfiguration", "PutTargets"))


def test_what_somebody_set_for_a_function_of_their_own_is_not_replaced_without_consent(provisioned: World) -> None:
    without_our_tags(provisioned)
    theirs = "arn:aws:sqs:eu-central-1:123456789012:theirs"
    invocation(DestinationConfig={"OnFailure": {"Destination": theirs}})(provisioned)
    outcomes = provisioned.provision()
    assert outcomes[STEP].result == "blocked" and "adopt: true" in outcomes[STEP].reason
    assert config(provisioned)["DestinationConfig"]["OnFailure"]["Destination"] == theirs


def test_it_goes_before_its_function_and_alone(provisioned: World) -> None:
    assert provisioned.teardown(STEP)[STEP].result == "removed"
    functions = provisioned.rules.look("lambda")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        config(provisioned)
    assert functions.get_function(FunctionName=FUNCTION)["Configuration"]["FunctionName"] == FUNCTION
