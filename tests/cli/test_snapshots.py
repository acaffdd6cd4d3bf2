"""Whole commands, whole outputs: what an operator sees is a promise too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cci_lite.aws.lease import NAME, Lease
from cci_lite.engine.model import Observed, Status
from tests.cli.conftest import Run
from tests.cli.fakes import RUNBOOK, FakeCloud, Thing, refused

Command = Callable[..., Run]
Snapshot = Callable[[Run], None]


def in_place(cloud: FakeCloud, **sizes: int) -> None:
    """Things that are there, by step and size; `mail` is confirmed as well."""
    for step, size in {"key": 1, "store": 2, "worker": 1, "mail": 1, **sizes}.items():
        cloud.things[step] = Observed(Thing(size), {"name": f"the-{step}"})


def test_plan_of_an_empty_account(run: Command, snapshot: Snapshot) -> None:
    snapshot(run("plan"))


def test_plan_of_a_difference(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud, store=1)
    snapshot(run("plan", "--check"))


def test_plan_blocked_by_an_earlier_phase(run: Command, snapshot: Snapshot) -> None:
    snapshot(run("plan", "--phase", "2"))


def test_plan_json(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud, store=1)
    snapshot(run("plan", "--json"))


def test_provision(run: Command, snapshot: Snapshot) -> None:
    snapshot(run("--jobs", "1", "provision", "--yes"))


def test_provision_with_nothing_to_do(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud)
    snapshot(run("provision"))
    assert cloud.writes == []


def test_provision_json(run: Command, snapshot: Snapshot) -> None:
    snapshot(run("provision", "--phase", "1", "--yes", "--json", "--jobs", "1"))


def test_provision_blocked(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    snapshot(run("provision", "--phase", "2", "--yes"))
    assert cloud.writes == []


def test_access_denied_is_explained_by_the_risk_table(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud)
    del cloud.things["store"]
    cloud.fail["store"] = refused("PutThing", "AccessDenied", "ops is not authorized to perform PutThing")
    snapshot(run("provision", "--yes", "--jobs", "1"))


def test_validate(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud, store=1)
    cloud.checks["worker"] = Status.FAILED
    snapshot(run("validate", "--jobs", "1"))


def test_validate_json(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud)
    snapshot(run("-q", "validate", "--json", "--jobs", "1"))


def test_validate_of_what_was_begun(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    run("provision", "--phase", "1", "--yes")
    snapshot(run("validate", "--jobs", "1"))


def test_status(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud, store=1)
    snapshot(run("status"))


def test_teardown(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    in_place(cloud, store=3)
    snapshot(run("teardown", "--yes", "--jobs", "1"))


def test_teardown_of_nothing(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    snapshot(run("teardown", "--yes"))
    assert cloud.writes == []


def test_locked_by_another_run(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    now = cloud.clock.utc().isoformat(timespec="seconds")
    lease = Lease("user/other", "build-7", 4242, "another-run", "provision", now, now)
    cloud.parameters[NAME] = json.dumps(vars(lease))
    snapshot(run("provision", "--phase", "1", "--yes"))
    assert cloud.writes == []


def test_unlock(run: Command, cloud: FakeCloud, snapshot: Snapshot) -> None:
    now = cloud.clock.utc().isoformat(timespec="seconds")
    lease = Lease("user/other", "build-7", 4242, "another-run", "provision", now, now)
    cloud.parameters[NAME] = json.dumps(vars(lease))
    snapshot(run("unlock", "--yes"))
    assert cloud.parameters == {}
    assert run("unlock", "--yes").out == "No run holds this account and region.\n"


def test_bad_runbook(run: Command, home: Path, snapshot: Snapshot) -> None:
    bad = RUNBOOK.replace("size: 2", "sise: 2").replace("after: [store]", "after: [stoer]")
    (home / "runbook.yaml").write_text(bad, encoding="utf-8")
    snapshot(run("plan"))


def test_wrong_account(run: Command, snapshot: Snapshot) -> None:
    snapshot(run("--account", "444455556666", "provision", "--yes"))


def test_crash(run: Command, monkeypatch: pytest.MonkeyPatch, home: Path, snapshot: Snapshot) -> None:
    key_id = "".join(("AK", "IA", "PLANTEDFORCRASH1"))

    def broken(*_: object, **__: object) -> None:
        raise KeyError(f"arn {key_id}")

    monkeypatch.setattr("cci_lite.runbook.build", broken)
    snapshot(run("plan"))
    (log,) = (home / "home" / "crash").iterdir()
    assert "KeyError" in log.read_text(encoding="utf-8")
    assert "arn (redacted)" in log.read_text(encoding="utf-8")
    assert key_id not in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0
