"""What a program gets when there is no result, and when nobody may be asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cci_lite.cli import failing, interrupt
from cci_lite.engine.model import Observed
from tests.cli.conftest import Run
from tests.cli.fakes import FakeCloud, Thing, refused
from tests.cli.test_commands import Command
from tests.world import ROOT


def error(run: Run) -> dict[str, object]:
    found: dict[str, object] = json.loads(run.out.splitlines()[-1])
    return found


def test_a_program_gets_the_sentence_and_the_next_step_too(run: Command, cloud: FakeCloud) -> None:
    ran = run("provision", "--json", "--step", "kye")
    assert ran.code == 2 and error(ran) == {
        "event": "summary",
        "schema": "cci-lite/error/1",
        "exit": 2,
        "message": "there is no step `kye`",
        "next": "did you mean `key`?",
    }
    assert "Account" not in ran.err  # nobody was asked


def test_nobody_is_asked_in_the_middle_of_json(run: Command, cloud: FakeCloud) -> None:
    ran = run("provision", "--json")
    assert (ran.code, error(ran)["next"]) == (2, "add --yes when that is meant")
    assert cloud.writes == []


def test_an_interruption_while_looking_ends_the_command(run: Command, cloud: FakeCloud) -> None:
    interrupt.stop.set()
    ran = run("provision", "--yes")
    assert ran.code == 130 and "interrupted while looking; nothing was changed" in ran.err
    assert "Type yes" not in ran.err


def test_a_machine_that_refuses_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    assert failing.told(OSError(28, "No space left on device")) == 1
    assert "this machine refused: [Errno 28] No space left on device" in capsys.readouterr().err


def test_a_bucket_that_was_filled_while_it_was_taken_down_is_explained_by_the_risk_table(
    run: Command, cloud: FakeCloud, home: Path
) -> None:
    shipped = yaml.safe_load((ROOT / "runbook.yaml").read_text(encoding="utf-8"))["risks"]
    (risk,) = [each for each in shipped if each["code"] == "BucketNotEmpty"]
    text = (home / "runbook.yaml").read_text(encoding="utf-8")
    (home / "runbook.yaml").write_text(text.replace("risks:\n", f"risks:\n  - {json.dumps(risk)}\n"), encoding="utf-8")
    cloud.things["store"] = Observed(Thing(2), {"name": "the-store"})
    told = "The bucket you tried to delete is not empty"
    cloud.fail["store"] = refused("DeleteBucket", "BucketNotEmpty", told, "s3")
    ran = run("teardown", "--yes")
    assert ran.code == 1
    assert ran.err.splitlines()[-6:-1] == [
        f"store: s3:DeleteBucket was refused: BucketNotEmpty: {told}",
        "request id 0001-REQ",
        f"why: {risk['reason']}",
        f"next: {risk['hint']}",
        "Not finished: cci-lite teardown goes on from here.",
    ]
    del cloud.fail["store"]
    assert run("teardown", "--yes").code == 0
