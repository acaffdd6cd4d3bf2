"""What reaches a terminal, and what reaches everything else: escape sequences are for people who want them."""

from __future__ import annotations

import os
import pty
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread

import pytest

from cci_lite.cli import main
from cci_lite.cli.screen import Screen, safe
from tests.cli.conftest import Run
from tests.cli.fakes import FakeCloud

ESCAPE = "\x1b"
ASKED = ("provision", "--phase", "1", "--yes")


@pytest.fixture
def on_a_terminal(home: Path, cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run one command line whose both streams are a terminal; what the terminal got."""

    def command(*arguments: str) -> str:
        ours, theirs = pty.openpty()
        heard: list[bytes] = []

        def listen() -> None:
            with suppress(OSError):  # the other end is closed
                while chunk := os.read(ours, 4096):
                    heard.append(chunk)

        listener = Thread(target=listen)
        listener.start()
        with os.fdopen(theirs, "w", encoding="utf-8") as terminal, monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", terminal)
            patched.setattr(sys, "stderr", terminal)
            main.run(list(arguments))
        listener.join()
        os.close(ours)
        return b"".join(heard).decode()

    for name in ("NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    return command


def test_a_terminal_gets_bold_titles_and_a_table_that_moves(on_a_terminal: Callable[..., str]) -> None:
    told = on_a_terminal(*ASKED)
    assert f"{ESCAPE}[1mPhase 1  Foundation" in told
    assert f"{ESCAPE}[?25l" in told, "the table hides the cursor while it moves"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("CI", "1"), ("CI", "true"), ("TERM", "dumb")])
def test_a_terminal_gets_plain_lines_where_the_environment_asks_for_them(
    on_a_terminal: Callable[..., str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    told = on_a_terminal(*ASKED)
    assert ESCAPE not in told
    assert "\r\nPhase 1  Foundation\r\n" in told
    assert "  + key    created (0.5 s, 1 of 1 checks passed)\r\n" in told


def test_what_is_no_terminal_gets_plain_lines(run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    done = run(*ASKED)
    assert ESCAPE not in done.out + done.err
    assert "Phase 1  Foundation\n" in done.out
    assert "  + key    created (0.5 s, 1 of 1 checks passed)\n" in done.err


def test_what_others_wrote_is_shown_as_they_wrote_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither as an emoji nor as a style, nor as an instruction to the terminal."""
    screen = Screen()
    screen.show(safe("policy/:key:"), safe("[bold]see :email:[/bold] \x1b[31m"))
    screen.say(safe("arn:aws:iam::111122223333:role/:books:"))
    shown = capsys.readouterr()
    assert shown.out == "policy/:key:\n[bold]see :email:[/bold] ?[31m\n"
    assert shown.err == "arn:aws:iam::111122223333:role/:books:\n"


def test_where_there_is_nothing_to_show_there_is_no_empty_line(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().show(*())
    assert capsys.readouterr().out == ""
