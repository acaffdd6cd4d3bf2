"""Somebody edits a copy of the runbook: the plan shows that edit and nothing else, and one provision carries it out.

The edits follow each other in one account.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from cci_lite.engine.plan import Plan
from cci_lite.runbook import build, load
from cci_lite.steps import REGISTRY
from cci_lite.steps.bucket import Bucket
from tests.steps import repairs
from tests.world import ROOT, World, account, reasons

SHIPPED = (ROOT / "runbook.yaml").read_text(encoding="utf-8")
INPUT = "cci-lite-input-123456789012-eu-central-1-an"
RESULTS = "cci-lite-results-123456789012-eu-central-1-an"
#: What carries the runbook's tags.
TAGGED = (
    *("master-key", "input-bucket", "results-bucket", "processor-role", "models-parameter", "processor-logs"),
    *("processor-failures", "processor", "transcribe-state", "catch-up", "alarm-topic", "errors-alarm", "catalog"),
    "query-workgroup",
)
_TABLE = ("location", "parameters.storage.location.template")
#: What is written; what instead; step -> paths that differ, () where the step's thing is not there yet.
EDITS: list[tuple[str, str, dict[str, tuple[str, ...]]]] = [
    ("memory: 1024", "memory: 2048", {"processor": ("memory",)}),
    ("email: alarms@example.com", "email: operations@example.com", {"alarm-email": ()}),
    ("Owner: Conversant", "Owner: Acme\n  Cost: voice", dict.fromkeys(TAGGED, ("tags.Owner", "tags.Cost"))),
    ("name: /aws/lambda/cci-lite-processor\n        days: 30", "name: /aws/lambda/cci-lite-processor\n        days: 90",
     {"processor-logs": ("retention_days",)}),
    ("rule: input-retention-1d\n        days: 1", "rule: input-retention-1d\n        days: 2",
     {"input-lifecycle": ("rules.input-retention-1d.days", "rules.retention-demo-tenant")}),
    ("retention_days_results: 30", "retention_days_results: 7",
     {"results-lifecycle": ("rules.retention-demo-tenant",),
      "tenants-parameters": ("tenants.demo-tenant.retention_days_results",)}),
    ("name: cci-lite-input-{", "name: acme-calls-{",
     {**dict.fromkeys(("input-bucket", "input-default-key", "input-lifecycle", "input-tls", "input-encrypted",
                       "input-right-key", "input-folders", "on-new-call"), ()),
      "processor-policy": ("document",), "processor": ("environment.INPUT_BUCKET",), "allow-bucket": ("source_arn",)}),
    ("name: cci-lite-results-{", "name: acme-results-{",
     {**dict.fromkeys(("results-bucket", "results-default-key", "results-lifecycle", "results-tls", "results-folders",
                       "sample-call"), ()),
      "processor-policy": ("document",), "processor": ("environment.OUTPUT_BUCKET",),
      "results-table": _TABLE, "documents-table": _TABLE, "query-workgroup": ("output",)}),
]  # fmt: skip


@dataclass
class Standing:
    """An account in which everything of `text` is in place."""

    world: World
    folder: Path
    text: str = SHIPPED

    def edit(self, written: str, instead: str) -> World:
        assert self.text.count(written) == 1
        self.text = self.text.replace(written, instead)
        path = self.folder / "runbook.yaml"
        path.write_text(self.text, encoding="utf-8")
        runbook = load(path, REGISTRY)
        self.world = replace(self.world, runbook=runbook, graph=build(runbook, REGISTRY, self.world.cloud))
        return self.world


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with account() as world:
        yield Standing(world.stand(), tmp_path_factory.mktemp("edited"))


def recordings_expire(world: World) -> None:
    """The day after, when the sample's recording is gone."""
    s3 = world.rules.look("s3")
    for each in s3.list_buckets()["Buckets"]:
        s3.delete_object(Bucket=each["Name"], Key="demo-tenant/calls/cci-lite-sample.wav")


def differing(plan: Plan) -> dict[str, tuple[str, ...]]:
    found = repairs.differing(plan)
    return {each.step.meta.id: tuple(one.path for one in each.changes if each.observed) for each in found}


@pytest.mark.parametrize(
    ("written", "instead", "expected"), EDITS, ids=[instead.split("\n")[-1] for _, instead, _ in EDITS]
)
def test_an_edit_is_shown_carried_out_and_then_in_place(
    standing: Standing, written: str, instead: str, expected: dict[str, tuple[str, ...]]
) -> None:
    world = standing.edit(written, instead)
    recordings_expire(world)
    seen = world.plan()
    assert differing(seen) == expected
    found = world.provision(found=seen)
    assert reasons(found) == {}
    assert {name for name, each in found.items() if each.result != "kept"} == set(expected)
    world.rules.confirm("operations@example.com")
    world.rules.forget()
    assert {each.result for each in world.provision().values()} == {"kept"}
    assert world.rules.writes() == []


def test_buckets_that_the_runbook_does_not_name_any_more_are_left_as_they_were(standing: Standing) -> None:
    """A bucket cannot be renamed: another one is made beside it."""
    s3 = standing.world.rules.look("s3")
    assert "DenyInsecureTransport" in s3.get_bucket_policy(Bucket=INPUT)["Policy"]
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=RESULTS)["Contents"]]
    assert any(each.startswith("demo-tenant/2") for each in keys), keys
    named = {each.name for each in standing.world.graph.steps if isinstance(each, Bucket)}
    assert named.isdisjoint({INPUT, RESULTS})
