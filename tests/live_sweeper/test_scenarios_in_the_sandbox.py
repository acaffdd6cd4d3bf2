"""The live scenarios themselves, against the sandbox instead of AWS, so that they are known to work before they cost.

Started as a person would start them: a pytest of its own, with the environment that docs/live.md names.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest

from cci_lite.sandbox import control
from tests.live import runs, things
from tests.live.account import COMMAND, Account
from tests.live.limits import limits
from tests.ran import awaited

ROOT = Path(__file__).parents[2]
#: Without plugins that it does not use: each takes its time to begin.
PYTEST = (
    sys.executable,
    "-m",
    "pytest",
    *(word for each in ("cacheprovider", "xdist", "hypothesispytest") for word in ("-p", f"no:{each}")),
)
LIFE = "tests/live/test_life_of_an_account.py"
# The sandbox's simulator takes no context, and it has no price list.
ONLY_ON_AWS = (
    "tests/live/test_policies.py::test_the_simulator_decides_as_our_evaluator_does"
    "[transcription-with-both-conditions-met]",
    "tests/live/test_unproven.py::test_the_price_of_transcribe_is_the_one_that_results_tell",
)
PHASE_1 = f"{LIFE}::test_phase_1_is_made_and_proved"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[control.Sandbox]:
    folder = tmp_path_factory.mktemp("live") / "sandbox"
    yield control.up(folder)
    control.reset(folder)


def environment(sandbox: control.Sandbox, **given: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "CCI_LITE_", "PYTEST_"))}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": sandbox.access_key_id,
        "AWS_SECRET_ACCESS_KEY": sandbox.secret_access_key,
        "AWS_CA_BUNDLE": str(sandbox.ca_bundle),
        "CCI_LITE_SANDBOX": str(sandbox.state),
        "CCI_LITE_LIVE_ENDPOINT": sandbox.endpoint,
        **given,
    }


def live(settings: Mapping[str, str], *tests: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PYTEST, *tests], capture_output=True, text=True, env=dict(settings), cwd=ROOT, check=False)


@cache
def boto(sandbox: control.Sandbox) -> things.Client:
    """Clients of the operator's."""
    session = boto3.Session(sandbox.access_key_id, sandbox.secret_access_key, region_name=sandbox.region)

    @cache
    def client(service: str) -> Any:
        return session.client(service, endpoint_url=sandbox.endpoint, verify=str(sandbox.ca_bundle))

    return client


def there(sandbox: control.Sandbox) -> list[things.Thing]:
    """Everything in the account, whoever made it."""
    return things.everything(boto(sandbox))


ON = {"CCI_LITE_LIVE": "1", "CCI_LITE_LIVE_ACCOUNT": "111122223333", "CCI_LITE_LIVE_BUDGET_USD": "0.50"}


def test_nothing_is_collected_unless_it_is_switched_on(sandbox: control.Sandbox) -> None:
    ran = live(environment(sandbox, **{**ON, "CCI_LITE_LIVE": ""}), "tests/live")
    assert ran.returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "live tests: not collected" in ran.stdout and "collected 0 items" in ran.stdout


def test_a_run_in_an_account_that_nobody_allowed_makes_nothing(sandbox: control.Sandbox) -> None:
    before = there(sandbox)
    ran = live(environment(sandbox, **{**ON, "CCI_LITE_LIVE_ACCOUNT": "444455556666"}), PHASE_1)
    told = "the credentials belong to account 111122223333"
    assert (ran.returncode, told in ran.stdout) == (4, True), ran.stdout + ran.stderr
    assert "live tests: one run is estimated at USD" in ran.stdout
    assert there(sandbox) == before


def test_an_account_goes_from_empty_to_empty(sandbox: control.Sandbox) -> None:
    before = there(sandbox)
    ran = live(environment(sandbox, **ON), "tests/live", *(f"--deselect={each}" for each in ONLY_ON_AWS))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "25 passed, 2 deselected" in ran.stdout
    assert "teardown exit 0, 0 things left to the sweeper" in ran.stdout
    assert there(sandbox) == before


def test_an_interrupted_run_takes_everything_down_itself(sandbox: control.Sandbox) -> None:
    """A signal ends it as soon as it has made a bucket; with it, the command it is running."""
    before, settings, pipe = there(sandbox), environment(sandbox, **ON), subprocess.PIPE
    run = subprocess.Popen([*PYTEST, LIFE], env=settings, cwd=ROOT, stdout=pipe, text=True, start_new_session=True)
    has_a_bucket(sandbox, run)
    os.killpg(run.pid, signal.SIGINT)
    assert "teardown exit 0, 0 things left to the sweeper" in run.communicate()[0]
    assert there(sandbox) == before


def test_the_sweeper_takes_what_a_killed_run_left(sandbox: control.Sandbox, tmp_path: Path) -> None:
    """All that a run makes is made by the command, with the run's runbook: killing that leaves what a run would."""
    before, lost = there(sandbox), runs.begin(datetime.now(UTC), b"no")
    account = Account(lost, limits(ON), tmp_path)
    account.write_runbook()
    given = [str(COMMAND), "--runbook", str(account.runbook), "--sandbox", "provision", "--phase", "1"]
    settings = environment(sandbox, CI="1", CCI_LITE_HOME=str(tmp_path / "state"))
    nowhere = subprocess.DEVNULL
    run = subprocess.Popen(given, env=settings, cwd=ROOT, stdout=nowhere, stderr=nowhere, text=True)
    has_a_bucket(sandbox, run)
    run.kill()
    run.communicate()
    left = [each for each in there(sandbox) if runs.known(each.tags) == lost]
    assert left
    assert swept(sandbox, "--yes").stdout.count("removed ") == len(left)
    # Not the sweeper's: `cci-lite unlock` explains it.
    boto(sandbox)("ssm").delete_parameters(Names=["/cci-lite/lease"])
    assert there(sandbox) == before


def has_a_bucket(sandbox: control.Sandbox, run: subprocess.Popen[str]) -> None:
    s3 = boto(sandbox)("s3")
    awaited("bucket", lambda: s3.list_buckets()["Buckets"], run)


def swept(sandbox: control.Sandbox, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = [sys.executable, "-m", "tests.live.sweep", *arguments]
    settings = environment(sandbox, **ON)
    return subprocess.run(given, capture_output=True, text=True, env=settings, cwd=ROOT, check=False)
