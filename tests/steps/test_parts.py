"""What the plan infers instead of asking, against what it would have been told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from cci_lite.engine.graph import Graph
from cci_lite.engine.plan import Plan, plan
from tests.world import PHASES, World


def asked_of_everything(world: World) -> Plan:
    """The plan of somebody who does not know what is a part of what."""
    steps: list[Any] = list(world.graph.steps)
    alone = Graph.of(replace(each, meta=replace(each.meta, whole="")) for each in steps)
    return plan(alone, alone.ids(), jobs=1)


def told(found: Plan) -> dict[str, tuple[str, str, list[tuple[str, object, object]]]]:
    return {
        each.step.meta.id: (each.action, each.reason, [(one.path, one.have, one.want) for one in each.changes])
        for each in found.decisions
    }


@pytest.mark.parametrize("standing", range(len(PHASES) + 1))
def test_what_is_inferred_is_what_aws_would_have_said(empty: World, standing: int) -> None:
    there = [each for phase in PHASES[:standing] for each in phase]
    if there:
        empty.stand(*there)
    assert told(empty.plan()) == told(asked_of_everything(empty))


def test_of_an_empty_account_little_is_asked(empty: World) -> None:
    empty.plan()
    few = Counter(each.service for each in empty.rules.calls)
    empty.rules.forget()
    asked_of_everything(empty)
    many = Counter(each.service for each in empty.rules.calls)
    assert few["s3"] < many["s3"] / 2 and few["lambda"] == 1
