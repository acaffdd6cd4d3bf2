"""How long is waited between looks."""

from __future__ import annotations

from itertools import pairwise

import pytest

from cci_lite.engine.clock import Patience
from tests.engine.fakes import FakeClock


def test_with_a_growth_of_a_quarter_nothing_is_noticed_more_than_a_quarter_late() -> None:
    waited = list(Patience(FakeClock(), 20, first=0.5, longest=100, growth=1.25))[1:]
    assert waited[:3] == pytest.approx([0.5, 1.125, 1.90625])
    assert all(late <= 1.25 * seen + 0.5 for seen, late in pairwise(waited))
