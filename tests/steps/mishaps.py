"""What can happen to an account between two commands, and to a command at work, for Hypothesis to choose from."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from cci_lite.aws.calls import is_read
from tests.steps.faults import Fault, Saboteur
from tests.steps.test_contract import CONTAINERS, LOOKING, STAYING, STEPS
from tests.steps.test_drift import DRIFT, KEY, RESULTS
from tests.world import World

Edit = Callable[[World], object]


class AtWrites(Saboteur):
    """Counts the calls that write, and no others."""

    def _before(self, context: dict[str, Any], model: Any, **more: Any) -> Any:
        if is_read(model.service_model.service_name, model.name, context.get("rules_params", {})):
            return None
        return super()._before(context, model, **more)


def alias_deleted(world: World) -> None:
    world.rules.look("kms").delete_alias(AliasName=KEY)


def results_deleted(world: World) -> None:
    """The results bucket with everything in it, a day after the sample call was made."""
    world.clock.sleep(max(0.0, time.time() + 86_400 - world.clock.now()))
    s3 = world.rules.look("s3")
    for each in s3.list_objects_v2(Bucket=RESULTS).get("Contents", []):
        s3.delete_object(Bucket=RESULTS, Key=each["Key"])
    s3.delete_bucket(Bucket=RESULTS)
    world.rules.lifecycles.pop(RESULTS, None)


def deleted(step: str) -> Edit:
    """The thing of one step, taken away as its own teardown would."""

    def edit(world: World) -> None:
        known, target = world.plan().known, world.graph[step]
        have = target.observe(known)
        if have is not None:
            target.remove(have, known)

    edit.__name__ = f"{step} deleted"
    return edit


#: As many as the longest run has.
_WRITES = st.integers(0, 70)
_FAULTS = st.sampled_from(Fault)
_EDITS: st.SearchStrategy[Edit] = st.one_of(
    st.sampled_from([each for _, _, each in DRIFT]),
    st.sampled_from([deleted(each) for each in STEPS if each not in LOOKING | CONTAINERS | STAYING]),
    st.sampled_from([alias_deleted, results_deleted]),
)


def event(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, tuple[Any, ...]]]:
    return st.tuples(st.just(name), st.tuples(*arguments))


#: What can happen next: a method of the state machine and its arguments. `noticed`: a provision follows at once.
EVENTS = st.one_of(
    event("provision"),
    event("provision_goes_wrong", _WRITES, _FAULTS, st.booleans()),
    event("somebody_edits_by_hand", _EDITS, st.booleans()),
    event("a_tenant_comes_or_goes", st.just("acme"), st.booleans()),
    event("a_customer_calls", st.integers(1, 3)),
    event("somebody_looks"),
    event("everything_is_taken_down", st.booleans()),
    event("teardown_goes_wrong", _WRITES, _FAULTS, st.booleans()),
)
