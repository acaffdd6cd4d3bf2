"""What every kind of step promises, tested on the shipped runbook: a new step is covered as soon as it stands there."""

from __future__ import annotations

import pytest

from cci_lite.engine.model import Status
from tests.steps.faults import probes
from tests.steps.repairs import apart, comes_back
from tests.world import _RUNBOOK, World

STEPS = [each.meta.id for each in _RUNBOOK.entries]
#: Steps that only look: nothing of theirs can be made, spoiled or removed.
LOOKING = {"summary-model"}
#: Steps whose thing takes others with it, or that block on purpose; they have tests of their own.
CONTAINERS = {"master-key", "input-bucket", "results-bucket"}
#: Shows as long as a recording lies in it, marker or not; stays with the key.
STAYING = {"input-folders", "key-administrator"}


def test_every_check_passes_or_says_why_it_could_not_run_and_leaves_no_probe_behind(provisioned: World) -> None:
    plan = provisioned.plan()
    checks = [c for each in plan.decisions if each.observed for c in each.step.validate(each.observed, plan.known)]
    assert [each for each in checks if each.status is Status.FAILED] == []
    assert {each.id for each in checks if each.status is Status.SKIPPED} <= {"errors-alarm.healthy"}
    assert len(checks) >= len(STEPS)
    assert probes(provisioned) == []


@pytest.mark.parametrize("steps", apart(_RUNBOOK, {*STEPS} - LOOKING - CONTAINERS - STAYING), ids=", ".join)
def test_what_was_deleted_behind_our_back_comes_back(provisioned: World, steps: tuple[str, ...]) -> None:
    comes_back(provisioned, *steps)
