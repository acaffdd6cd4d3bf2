"""Every request of phase 4 is one that AWS's own models and resource schemas allow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cci_lite.engine.diff import diff
from tests.aws_rules import Call
from tests.steps import cloudformation
from tests.steps.phase4 import STEPS, dashboards, earlier
from tests.steps.properties import Params, only, tags
from tests.steps.test_phase4 import DRIFT
from tests.steps.test_requests import by_model
from tests.world import World, reasons


@pytest.fixture(scope="module")
def sent() -> Iterator[tuple[World, list[Call]]]:
    """All calls to QuickSight of a first run, of a repair of everything, and of a teardown."""
    with dashboards() as world:
        earlier(world)
        assert reasons(world.provision(*STEPS)) == {}
        known = world.plan(*STEPS).known
        for step, path, spoil in DRIFT:
            spoil(world)
            target, want = world.graph[step], world.graph[step].desired(known)
            have = target.observe(known)
            assert have is not None
            changes = diff(have.spec, want)
            assert changes.touch(path)
            target.apply(want, have, changes)
        assert reasons(world.teardown(*STEPS)) == {}
        yield world, [each for each in world.rules.calls if each.service == "quicksight"]


def test_every_request_obeys_quicksights_own_model(sent: tuple[World, list[Call]]) -> None:
    world, calls = sent
    assert {call.name: found for call in calls if (found := by_model(world, call))} == {}
    assert len({call.name for call in calls}) >= 30


_NAMED = ("AwsAccountId", "Name", "Permissions")
_DATA_SET = only(*_NAMED, "DataSetId", "ImportMode", "PhysicalTableMap", "LogicalTableMap", "RowLevelPermissionDataSet")


def _schedule(params: Params) -> dict[str, Any]:
    """CloudFormation writes TimeZone where the API has Timezone."""
    frequency = dict(params["Schedule"]["ScheduleFrequency"])
    frequency["TimeZone"] = frequency.pop("Timezone")
    return {"Schedule": {**params["Schedule"], "ScheduleFrequency": frequency}}


_SCHEMAS = {
    "quicksight:CreateDataSource": cloudformation._whole(
        "AWS::QuickSight::DataSource", only(*_NAMED, "DataSourceId", "Type", "DataSourceParameters"), tags("Tags")
    ),
    "quicksight:CreateDataSet": cloudformation._whole("AWS::QuickSight::DataSet", _DATA_SET, tags("Tags")),
    "quicksight:UpdateDataSet": cloudformation._part("AWS::QuickSight::DataSet", _DATA_SET),
    "quicksight:CreateAnalysis": cloudformation._whole(
        "AWS::QuickSight::Analysis", only(*_NAMED, "AnalysisId", "Definition"), tags("Tags")
    ),
    "quicksight:CreateDashboard": cloudformation._whole(
        "AWS::QuickSight::Dashboard", only(*_NAMED, "DashboardId", "Definition", "VersionDescription"), tags("Tags")
    ),
    "quicksight:CreateRefreshSchedule": cloudformation._whole(
        "AWS::QuickSight::RefreshSchedule", only("AwsAccountId", "DataSetId"), _schedule
    ),
}


def test_what_is_made_obeys_the_schemas_of_quicksights_resources(sent: tuple[World, list[Call]]) -> None:
    problems: dict[str, list[str]] = {}
    for call in sent[1]:
        if call.name in _SCHEMAS:
            told = cloudformation.problems(_SCHEMAS[call.name], call.params)
            problems.setdefault(call.name, []).extend(told)
    assert {name: found for name, found in problems.items() if found} == {}
    assert problems.keys() == _SCHEMAS.keys()
