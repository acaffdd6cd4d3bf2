"""An account whose runbook has phase 4 switched on, and whose QuickSight somebody has signed up for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cci_lite.runbook import Runbook, load
from cci_lite.steps import REGISTRY
from tests.world import ROOT, World, account, reasons

OFF, ON = "    enabled: false\n", "    enabled: true\n"
GROUPS = {"cci-lite-owners", "cci-lite-demo-tenant"}
ARN = "arn:aws:quicksight:eu-central-1:123456789012"


def switched_on() -> Runbook:
    """The shipped runbook with phase 4 enabled, and nothing else changed."""
    text = (ROOT / "runbook.yaml").read_text(encoding="utf-8")
    assert text.count(OFF) == 1
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runbook.yaml"
        path.write_text(text.replace(OFF, ON), encoding="utf-8")
        return load(path, REGISTRY)


RUNBOOK = switched_on()
STEPS = [each.meta.id for each in RUNBOOK.entries if each.meta.phase == 4]


@contextmanager
def dashboards(**changes: Any) -> Iterator[World]:
    """Changes are fields of the rules' QuickSight."""
    with account(RUNBOOK) as world:
        q = world.rules.quicksight
        q.edition, q.groups = "ENTERPRISE", set(GROUPS)
        for name, value in changes.items():
            setattr(q, name, value)
        yield world


def thing(world: World, path: str) -> dict[str, Any]:
    """What QuickSight keeps under an ARN that ends in `path`, for somebody to change by hand."""
    return world.rules.quicksight.things[f"{ARN}:{path}"]


def group(name: str) -> str:
    return f"{ARN}:group/default/{name}"


def earlier(world: World) -> None:
    """Everything that phase 4 stands on; QuickSight stays what it is."""
    quicksight = world.rules.quicksight
    world.stand(*(each.meta.id for each in world.runbook.entries if each.meta.phase < 4))
    world.rules.quicksight = quicksight
    assert reasons(world.provision("quicksight-role", "quicksight-policy", "quicksight-key-user")) == {}
    world.rules.forget()


def rules_query(world: World) -> str:
    return str(thing(world, "dataset/cci-lite-row-rules")["PhysicalTableMap"]["rules"]["CustomSql"]["SqlQuery"])
