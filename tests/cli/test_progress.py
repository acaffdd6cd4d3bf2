"""The table and the lines of a run that is at work."""

from __future__ import annotations

import threading
from typing import Any

from cci_lite.cli.progress import Progress
from cci_lite.cli.screen import Screen
from cci_lite.engine.events import StepFinished, StepStarted, StepWaiting
from tests.engine.fakes import FakeClock


class Drawing(Screen):
    """While it says something, somebody else draws the table, as rich does: with a lock that the saying needs."""

    live = True

    def __init__(self) -> None:
        super().__init__()
        self.live, self.said, self.stuck = True, list[str](), list[str]()
        self.progress: Any = None

    def say(self, text: str = "") -> None:
        drawer = threading.Thread(target=self.progress._table, daemon=True)
        drawer.start()
        drawer.join(10)
        (self.stuck if drawer.is_alive() else self.said).append(text)


def test_nothing_is_said_while_who_draws_the_table_would_wait_for_it() -> None:
    screen = Drawing()
    progress = screen.progress = Progress(screen, FakeClock(), ["key", "store"])
    progress(StepStarted("key"))
    progress(StepFinished("key", "created", "absent", 0.1))
    assert (screen.stuck, screen.said) == ([], ["  + key    created (0.1 s)"])


def test_a_long_wait_is_said_once_where_no_table_moves() -> None:
    screen = Drawing()
    screen.live = False
    progress = screen.progress = Progress(screen, FakeClock(), ["key"])
    progress(StepStarted("key"))
    for waited, what in ((0.5, "KMS"), (2.5, "KMS"), (4.0, "KMS"), (5.0, "IAM")):
        progress(StepWaiting("key", what, waited))
    assert screen.said == ["  . key  waiting for KMS", "  . key  waiting for IAM"]


def test_the_table_says_what_each_step_does_and_for_how_long() -> None:
    screen, clock = Drawing(), FakeClock()
    progress = screen.progress = Progress(screen, clock, ["key", "store"])
    progress(StepStarted("key"))
    clock.time = 7.0
    progress(StepWaiting("key", "KMS to know the principal", 6.5))
    with screen.err.capture() as drawn:
        screen.err.print(progress._table())
    words = " ".join(drawn.get().split())
    assert words == ". key waiting for KMS to know the principal (6 s) 7.0 s 2 to go"
