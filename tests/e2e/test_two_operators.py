"""Several operators, each a process of its own, on one account: one works, the others are told who does."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.conftest import COMMAND, ROOT, Product
from tests.ran import Ran, awaited

LEASE = "/cci-lite/lease"
ACCOUNT = "111122223333"


@pytest.fixture(scope="module", autouse=True)
def started(product: Product) -> None:
    """The sandbox runs before anybody is in a hurry."""
    assert product("sandbox", "up", sandbox=False).code == 0


def holder(product: Product) -> dict[str, Any]:
    """What stands in the lease; empty when nobody holds the account."""
    return held(product.client("ssm"))


def held(ssm: Any) -> dict[str, Any]:
    found = ssm.get_parameters(Names=[LEASE])["Parameters"]
    return dict(json.loads(found[0]["Value"])) if found else {}


def keys(product: Product) -> int:
    kms = product.client("kms")
    found = [kms.describe_key(KeyId=each["KeyId"])["KeyMetadata"] for each in kms.list_keys()["Keys"]]
    return sum(each["KeyManager"] == "CUSTOMER" for each in found)


def race(product: Product, *arguments: str, runs: int) -> tuple[list[Ran], subprocess.Popen[str]]:
    """Start the command `runs` times at once. Whoever gets the account is held still until the others have ended, so
    that nobody comes too late to meet them. Those that ended, and the one that is still at work, going on."""
    ssm, running = product.client("ssm"), [product.start(*arguments) for _ in range(runs)]
    found = awaited("lease", lambda: held(ssm), *running)
    (winner,) = [each for each in running if each.pid == found["pid"]]
    winner.send_signal(signal.SIGSTOP)
    others = [each for each in running if each is not winner]
    streams = [each.communicate() for each in others]
    winner.send_signal(signal.SIGCONT)
    return [Ran(each.returncode, *told) for each, told in zip(others, streams, strict=True)], winner


def test_of_three_that_provision_at_once_one_does_it_all_and_two_are_told_who(product: Product) -> None:
    others, winner = race(product, "provision", "--phase", "1", runs=3)
    _, told = winner.communicate()
    assert (winner.returncode, [each.code for each in others]) == (0, [6, 6]), told
    who = f"user/operator on {socket.gethostname()} (process {winner.pid}, which is alive)"
    assert [f"{who} runs `cci-lite provision` since " in each.err for each in others] == [True] * 2, others[0].err
    way_out = "next: wait for it, or, when it is dead: cci-lite --sandbox unlock"
    assert [way_out in each.err for each in others] == [True] * 2
    assert (holder(product), keys(product)) == ({}, 1)


def test_a_provision_killed_in_the_middle_is_finished_by_the_next_operator_once_unlocked(product: Product) -> None:
    sqs = product.client("sqs")
    run = product.start("provision", "--phase", "2")
    awaited("queue", lambda: sqs.list_queues().get("QueueUrls"), run)
    run.kill()
    run.communicate()
    refused = product("provision", "--phase", "2")
    assert (
        refused.code == 6
        and f"(process {run.pid}, which is gone)" in refused.err
        and "its lease is valid" in refused.err
    )
    told = as_on_aws(product, "unlock", "--yes")
    assert told.code == 0 and told.out.endswith("The lease is removed.\n")
    assert product("provision", "--step", "processor-logs", "--step", "processor-failures").code == 0
    assert len(sqs.list_queues()["QueueUrls"]) == 1
    assert holder(product) == {}


def as_on_aws(product: Product, *arguments: str) -> Ran:
    """The command without --sandbox, pointed at the sandbox as any AWS tool is."""
    found = product.sandbox
    given = {"AWS_ENDPOINT_URL": found.endpoint, "AWS_CA_BUNDLE": str(found.ca_bundle)}
    given |= {"AWS_ACCESS_KEY_ID": found.access_key_id, "AWS_SECRET_ACCESS_KEY": found.secret_access_key}
    done = subprocess.run(
        [str(COMMAND), "--account", ACCOUNT, *arguments],
        capture_output=True,
        text=True,
        env={**product.environment, **given},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def expired(product: Product) -> Iterator[dict[str, str]]:
    """A lease that somebody took and let run out."""
    told = {"owner": "user/alice", "host": "example.org", "pid": 77, "run": "r", "command": "teardown"}
    times = {"taken": "2026-01-01T00:00:00+00:00", "expires": "2026-01-01T00:05:00+00:00"}
    ssm = product.client("ssm")
    ssm.put_parameter(Name=LEASE, Value=json.dumps({**told, **times}), Type="String")
    yield times
    ssm.delete_parameters(Names=[LEASE])


def topics(product: Product) -> list[str]:
    return [each["TopicArn"] for each in product.client("sns").list_topics()["Topics"]]


def test_an_expired_lease_is_honoured_until_somebody_says_that_it_is_over(
    product: Product, expired: dict[str, str]
) -> None:
    for each in topics(product):  # made before the kill, perhaps: something has to differ
        product.client("sns").delete_topic(TopicArn=each)
    refused = as_on_aws(product, "provision", "--step", "processor-role", "--step", "alarm-topic", "--yes")
    assert refused.code == 6
    assert "user/alice on example.org (process 77) runs `cci-lite teardown`" in refused.err
    assert f"its lease is expired (until {expired['expires']})" in refused.err
    asked = as_on_aws(product, "unlock")
    assert asked.code == 2 and "nobody is here to confirm" in asked.err
    assert "user/alice on example.org" in asked.out
    assert holder(product)["owner"] == "user/alice"


def read_by_nobody(run: subprocess.Popen[str], lines: int) -> Ran:
    """As behind `| head -LINES`; 0 as behind a program that ended at once."""
    assert run.stdout is not None and run.stderr is not None
    with run:
        out = "".join(run.stdout.readline() for _ in range(lines))
        run.stdout.close()
        err = run.stderr.read()
    assert [each for each in ("Traceback", "ignored", "BrokenPipe") if each in err] == []
    return Ran(run.returncode, out, err)


def test_a_run_that_nobody_reads_to_its_end_is_done_to_its_end(product: Product) -> None:
    assert topics(product) == []
    ran = read_by_nobody(product.start("provision", "--step", "alarm-topic", "--json"), lines=1)
    assert (ran.code, ran.lines[0]["event"]) == (0, "run_started")
    assert "To prove it again: cci-lite --sandbox validate" in ran.err
    assert (holder(product), len(topics(product))) == ({}, 1)
    assert read_by_nobody(product.start("validate", "--phase", "1"), lines=0).code == 0
    assert holder(product) == {}


def test_a_plan_that_nobody_reads_has_the_exit_code_of_the_whole(product: Product) -> None:
    assert read_by_nobody(product.start("plan", "--check", "--json"), lines=0).code == 3


def test_of_two_that_tear_down_at_once_one_does_it_and_no_lease_is_left(product: Product) -> None:
    (other,), winner = race(product, "teardown", "--yes", runs=2)
    _, told = winner.communicate()
    assert (winner.returncode, other.code) == (0, 6), told
    assert f"(process {winner.pid}, which is alive) runs `cci-lite teardown`" in other.err
    assert holder(product) == {}
    assert product.client("sqs").list_queues().get("QueueUrls", []) == []
