"""Steps that look closely at how the engine treats them."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from cci_lite.engine.model import Check, Known, Observed
from tests.engine.fakes import FakeStep, Thing

#: How long somebody waits for another who must not come; seconds.
_NOT_COMING_S = 0.2


def meets(both: threading.Barrier) -> bool:
    """Whether a second thread is in the same place at the same time."""
    try:
        both.wait(_NOT_COMING_S)
    except threading.BrokenBarrierError:
        return False
    return True


class Exacting(FakeStep):
    """Answers only when it is asked with the facts of the run and with what was seen of it."""

    def observe(self, known: Known) -> Observed | None:
        known.fact(self.id, "arn")
        return super().observe(known)

    def validate(self, have: Observed, known: Known) -> Iterator[Check]:
        assert have.spec == Thing(self.size) and known.fact(self.id, "arn") == f"arn:{self.id}"
        return super().validate(have, known)

    def remove(self, have: Observed, known: Known) -> None:
        assert have.spec == Thing(self.size) and known.fact(self.id, "arn") == f"arn:{self.id}"
        super().remove(have, known)
