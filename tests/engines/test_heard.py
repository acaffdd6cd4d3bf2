"""A recording that comes again is not listened to again: in one process, and where a folder is named, in any."""

from __future__ import annotations

from pathlib import Path

import pytest

from cci_lite.sandbox.engines import heard
from cci_lite.sandbox.engines.heard import Word

HELLO = [Word("Hello.", 0.1, 0.5, 0.9)]


def fail() -> list[Word]:
    pytest.fail("listened again")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CCI_LITE_SANDBOX_HEARD", str(tmp_path / "heard"))
    a_new_process(monkeypatch)
    return tmp_path / "heard"


def a_new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heard, "_heard", {})


def test_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCI_LITE_SANDBOX_HEARD")
    assert heard.once(b"a", None, lambda: HELLO) == heard.once(b"a", None, fail) == HELLO
    a_new_process(monkeypatch)
    assert heard.once(b"a", None, lambda: []) == []


def test_in_another_process(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    assert heard.once(b"a", "Acme", lambda: HELLO) == HELLO
    a_new_process(monkeypatch)
    assert heard.once(b"a", "Acme", fail) == HELLO
    assert [each.suffix for each in folder.iterdir()] == [".json"]


def test_other_expectations_are_another_hearing() -> None:
    assert heard.once(b"a", None, lambda: HELLO) == HELLO
    assert heard.once(b"a", "Acme", lambda: []) == []
    assert heard.once(b"a", "None", lambda: []) == []


def test_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CCI_LITE_SANDBOX_HEARD")
    for number in range(33):
        heard.once(b"%d" % number, None, lambda: HELLO)
    assert heard.once(b"1", None, fail) == HELLO
    assert heard.once(b"0", None, lambda: []) == []
