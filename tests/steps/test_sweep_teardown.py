"""The fault sweep of teardown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.steps.sweep import CONVERGED
from tests.steps.swept import PARTS, Swept, swept


@pytest.fixture(scope="module")
def sweep() -> Iterator[Swept]:
    with swept("teardown", processes=1) as cases:
        yield cases


@pytest.mark.parametrize("part", range(PARTS))
def test_teardown_converges_after_any_fault(
    sweep: Swept, part: int, record_property: Callable[[str, object], None]
) -> None:
    cases = sweep.part(part)
    assert {each.call for each in cases} == sweep.due & set(sweep.calls_of(part))
    assert [each for each in cases if each.told != CONVERGED] == []
    record_property("sweep", {"teardown": dict(Counter(each.fault for each in cases))})
