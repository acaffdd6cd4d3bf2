"""Starting, finding, stopping and resetting the daemon."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cci_lite.sandbox import certificates, control, processes, records
from cci_lite.sandbox.layout import Layout
from tests.sandbox.conftest import operator, until


@pytest.fixture
def state(tmp_path: Path):
    yield tmp_path / "state"
    control.down(tmp_path / "state")


def test_a_folder_without_a_daemon_has_none_running(state: Path) -> None:
    assert control.running(state) is None
    assert control.down(state) is False


def test_up_is_idempotent_and_down_keeps_the_state(state: Path) -> None:
    first = control.up(state)
    assert control.up(state) == first
    assert control.running(state) == first
    operator(first).client("sqs").create_queue(QueueName="kept")
    assert control.down(state) is True
    assert control.running(state) is None
    second = control.up(state)
    assert second.pid != first.pid
    assert second.endpoint == first.endpoint
    operator(second).client("sqs").get_queue_url(QueueName="kept")


def test_kill_minus_9_loses_nothing_acknowledged_and_leaves_no_obstacle(state: Path) -> None:
    killed = control.up(state)
    aws = operator(killed)
    location = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket="kept-bucket", CreateBucketConfiguration=location)
    aws.client("s3").put_object(Bucket="kept-bucket", Key="a/b", Body=b"kept", Metadata={"m": "v"})
    key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    etag = aws.client("s3").put_object(Bucket="kept-bucket", Key="c", Body=b"kept", **encrypted)["ETag"]
    aws.client("ssm").put_parameter(Name="/a/b", Value="kept", Type="String")
    os.kill(killed.pid, signal.SIGKILL)
    until(lambda: control.running(state) is None)
    back = operator(control.up(state))
    found = back.client("s3").get_object(Bucket="kept-bucket", Key="a/b")
    assert found["Body"].read() == b"kept"
    assert found["Metadata"] == {"m": "v"}
    listed = back.client("s3").list_objects_v2(Bucket="kept-bucket", Prefix="c")["Contents"]
    assert [each["ETag"] for each in listed] == [etag]
    assert back.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert back.client("ssm").get_parameter(Name="/a/b")["Parameter"]["Value"] == "kept"


def test_of_two_that_start_it_at_once_both_get_the_same_daemon(state: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(control.up, [state, state])
    assert first == second
    control.down(state)
    # The one that lost is gone as well, and does not take over now.
    with (state / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_second_daemon_on_the_same_folder_refuses_to_start(sandbox: control.Sandbox) -> None:
    command = [sys.executable, "-m", "cci_lite.sandbox.daemon", str(sandbox.state)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == control.ALREADY_RUNNING
    assert "another sandbox is running" in second.stderr
    assert control.running(sandbox.state) == sandbox


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b'{"pid": 12, "http', "is damaged: it is no JSON"),
        (b"\xff\xfe", "is damaged: it is no JSON"),
        (b"null", "is damaged: it is no JSON object"),
        (b'{"pid": "12"}', "is damaged: its `pid` is not a number from 1 to 2147483647"),
        (b'{"pid": 1, "https_port": 70000}', "is damaged: its `https_port` is not a number from 1 to 65535"),
    ],
)
def test_what_a_damaged_file_says_is_nothing(tmp_path: Path, content: bytes, why: str) -> None:
    """Nobody runs there, so that nobody is looked for; what it is told in a sentence when somebody does."""
    (tmp_path / "server.json").write_bytes(content)
    assert control.running(tmp_path) is None and control.down(tmp_path) is False
    with pytest.raises(records.DamagedError) as caught:
        records.server(Layout(tmp_path))
    assert str(caught.value) == f"{tmp_path / 'server.json'} {why}"


def test_a_running_sandbox_whose_file_is_damaged_is_named_stopped_and_started_again(state: Path) -> None:
    first = control.up(state)
    operator(first).client("sqs").create_queue(QueueName="kept")
    (state / "server.json").write_text('{"pid": ')
    for command in (control.running, control.up):
        with pytest.raises(control.SandboxError, match=r"server\.json is damaged: it is no JSON, so that") as caught:
            command(state)
        assert caught.value.hint.startswith("`cci-lite sandbox down`, then up")
    assert control.down(state) is True
    (state / "credentials.json").write_text("{}")
    again = control.up(state)
    operator(again).client("sqs").get_queue_url(QueueName="kept")
    assert f"{state / 'server.json'} is damaged: it is no JSON; it is written anew" in (state / "log").read_text()
    (state / "server.json").write_text("")
    control.reset(state)
    assert sorted(path.name for path in state.iterdir()) == ["cci-lite-sandbox", "lock"]


def test_secrets_are_readable_by_their_owner_only(sandbox: control.Sandbox) -> None:
    state = sandbox.state
    for name in ("credentials.json", "server-key.pem"):
        assert stat.S_IMODE((state / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_reset_empties_a_sandbox_which_can_be_started_again_with_a_page_in_its_folder(state: Path) -> None:
    """`demo` leaves the dashboard there."""
    control.up(state)
    for _ in range(2):
        control.reset(state)
        assert sorted(path.name for path in state.iterdir()) == ["cci-lite-sandbox", "lock"]
    (state / "page.html").write_text("calls")
    control.up(state)
    control.reset(state)
    assert (state / "page.html").read_text() == "calls" and not (state / "services").exists()


def test_a_folder_with_files_of_others_is_neither_emptied_nor_used(tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(control.SandboxError, match="not a sandbox"):
        control.reset(tmp_path)
    with pytest.raises(control.SandboxError, match="holds other files"):
        control.up(tmp_path)
    assert (tmp_path / "letter").read_text() == "dear"


def test_a_daemon_that_cannot_start_says_why(state: Path) -> None:
    Layout(state).create()
    for name in ("ca.pem", "server.pem", "server-key.pem"):
        (state / name).write_text("not a certificate")
    with pytest.raises(control.SandboxError, match=r"ended while it was starting; end of .*log") as caught:
        control.up(state)
    assert caught.value.hint.endswith("`cci-lite sandbox reset` begins anew")


def test_a_daemon_that_does_not_answer_is_there_and_can_be_stopped(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = control.up(state)
    os.kill(busy.pid, signal.SIGSTOP)
    monkeypatch.setattr(processes, "STOP_S", 0.2)
    assert control.held(state)
    assert control.down(state) is True
    assert not control.held(state) and control.down(state) is False


def test_a_daemon_whose_starter_was_killed_can_be_stopped(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def killed(pid: int) -> bool:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(control, "alive", killed)
        control.up(state)
    assert control.held(state) and control.running(state) is None
    assert control.down(state) is True
    assert not control.held(state) and control.running(state) is None


def test_reset_deletes_nothing_while_somebody_else_holds_the_folder(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Layout(state).create()
    monkeypatch.setattr(control, "STOP_S", 0.2)
    with (state / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(control.SandboxError, match="another command or daemon is at work"):
            control.reset(state)
        with pytest.raises(control.SandboxError, match="did not answer within 0 s"):
            control.up(state, wait_s=0)
    assert (state / "services").exists()


def test_what_is_no_folder_and_cannot_be_made_one_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    refused = pytest.raises(control.SandboxError, match=r"cannot use its folder: Not a directory: .*file")
    for command in (control.running, control.held, control.up, control.down, control.reset):
        with refused:
            command(tmp_path / "file")
    with refused:
        control.up(tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"


def test_packages_that_are_missing_are_named(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_NEEDED", ("json", "no_such_package", "nor_this"))
    with pytest.raises(control.SandboxError, match="not installed: no_such_package, nor_this") as caught:
        control.up(state)
    assert "pip install" in caught.value.hint and not state.exists()


def test_a_certificate_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    ca, certificate, key = tmp_path / "ca", tmp_path / "certificate", tmp_path / "key"
    ca.mkdir()
    with pytest.raises(IsADirectoryError):
        certificates.make(ca, certificate, key)
    assert not key.exists()  # which is what the daemon looks for


def test_importing_control_costs_nothing() -> None:
    script = "import sys, cci_lite.sandbox.control; print(sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    for heavy in ("ministack", "hypercorn", "numpy", "boto3", "botocore", "cryptography", "asyncio"):
        assert f"'{heavy}'" not in loaded


def test_the_state_folder_is_named_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CCI_LITE_SANDBOX", raising=False)
    monkeypatch.delenv("CCI_LITE_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert control.state_folder() == tmp_path / "cci-lite" / "sandbox"
    monkeypatch.setenv("CCI_LITE_SANDBOX", str(tmp_path / "own"))
    assert control.state_folder() == tmp_path / "own"
    monkeypatch.delenv("CCI_LITE_SANDBOX")
    monkeypatch.setenv("CCI_LITE_HOME", str(tmp_path / "home"))
    assert control.state_folder() == tmp_path / "home" / "sandbox"
    monkeypatch.delenv("CCI_LITE_HOME")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert control.state_folder() == Path.home() / ".local/state/cci-lite/sandbox"
