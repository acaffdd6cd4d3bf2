"""Pauses and deadlines, and the order of work that several hands do, at their edges."""

from __future__ import annotations

import threading
from datetime import UTC

import pytest

from cci_lite.engine.clock import Interrupted, Patience, SystemClock
from cci_lite.engine.graph import CycleError, Graph, ordered, walk
from tests.engine.exacting import meets
from tests.engine.fakes import FakeClock, FakeStep, World


def waits(deadline: float, **pauses: float) -> list[float]:
    return [round(each, 6) for each in Patience(FakeClock(), deadline, **pauses)]


def test_pauses_double_and_the_last_one_ends_at_the_deadline() -> None:
    assert waits(1.0) == [0, 0.1, 0.3, 0.7, 1.0]


def test_pauses_do_not_grow_beyond_the_longest() -> None:
    assert waits(10, first=1, longest=3) == [0, 1, 3, 6, 9, 10]
    assert waits(13)[-3:] == [6.3, 11.3, 13]


def test_without_time_there_is_one_round() -> None:
    assert waits(0) == [0]


def test_time_that_others_use_up_counts() -> None:
    clock = FakeClock()
    clock.time = 100.0
    patience, seen = Patience(clock, 5), list[float]()
    for waited in patience:
        seen.append(round(waited, 6))
        clock.time += 3
    assert patience.started == 100.0 and seen == [0, 3.1]


def test_the_real_clock_moves_on_and_knows_utc() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.sleep(0)
    assert clock.now() >= before and clock.utc().tzinfo is UTC


def test_a_stop_ends_the_sleep_and_says_so() -> None:
    stop = threading.Event()
    clock = SystemClock(stop)
    assert clock.stop is stop
    stop.set()
    with pytest.raises(Interrupted) as caught:
        clock.sleep(3600)
    assert str(caught.value) == "interrupted while waiting"


def test_a_circle_behind_a_step_outside_of_it_is_named_without_that_step() -> None:
    needs = {"way-in": frozenset({"a"}), "a": frozenset({"b"}), "b": frozenset({"a"}), "free": frozenset[str]()}
    with pytest.raises(CycleError) as caught:
        ordered(needs)
    assert caught.value.members == ("a", "b", "a")


def test_dependents_are_those_that_need_a_step_directly() -> None:
    world = World()
    graph = Graph.of([FakeStep(world, "a"), FakeStep(world, "b", link_to="a"), FakeStep(world, "c", link_to="b")])
    assert graph.dependents() == {"a": {"b"}, "b": {"c"}, "c": frozenset()}
    assert graph["b"].meta.id == "b" and graph.ids() == ("a", "b", "c")


def test_never_more_hands_than_were_asked_for() -> None:
    busy, most, lock = [0], [0], threading.Lock()
    both = threading.Barrier(2, timeout=10)

    def work(name: str) -> None:
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        both.wait()
        with lock:
            busy[0] -= 1

    walk([f"{n}" for n in range(6)], {}, work, jobs=2)
    assert most == [2]


def test_a_step_begins_only_after_all_it_waits_for() -> None:
    done: list[str] = []
    after = {"c": frozenset({"a", "b", "never in this walk"}), "b": frozenset({"a"})}
    assert list(walk(["c", "b", "a"], after, lambda each: done.append(each), jobs=3)) == ["c", "b", "a"]
    assert done == ["a", "b", "c"]


def test_one_document_holds_up_nobody_else() -> None:
    other = threading.Event()

    def work(name: str) -> bool:
        if name == "x":
            return other.wait(10)
        other.set()
        return True

    documents = {"x": "policy", "y": "policy", "free": "", "also free": ""}
    assert walk(["x", "y", "free", "also free"], {}, work, jobs=2, documents=documents)["x"]


def test_steps_without_a_document_run_together() -> None:
    both = threading.Barrier(2, timeout=10)
    assert set(walk(["x", "y"], {}, lambda _: both.wait() >= 0, jobs=2, documents={"x": "", "y": ""}).values()) == {
        True
    }
    assert set(walk(["x", "y"], {}, lambda _: both.wait() >= 0, jobs=2).values()) == {True}


def test_a_document_stays_with_the_step_at_work_while_others_come_and_go() -> None:
    both, met = threading.Barrier(2), dict[str, bool]()

    def work(name: str) -> None:
        if name != "between":
            met[name] = meets(both)

    documents = {"first": "policy", "second": "policy"}
    walk(["first", "between", "second"], {}, work, jobs=2, documents=documents)
    assert met == {"first": False, "second": False}


def test_two_documents_are_held_at_once() -> None:
    both, met = threading.Barrier(2), dict[str, bool]()

    def work(name: str) -> None:
        if name in ("x", "z"):
            met[name] = meets(both)

    walk(["x", "y", "z"], {}, work, jobs=3, documents={"x": "one", "y": "two", "z": "one"})
    assert met == {"x": False, "z": False}


def test_whoever_is_ready_begins_while_others_are_still_at_work() -> None:
    last = threading.Event()

    def work(name: str) -> bool:
        if name == "slow":
            return last.wait(10)
        if name == "last":
            last.set()
        return True

    assert walk(["slow", "first", "last"], {"last": frozenset({"first"})}, work, jobs=2)["slow"]


def test_an_exception_ends_the_walk() -> None:
    def work(name: str) -> None:
        raise RuntimeError(name)

    with pytest.raises(RuntimeError, match="a"):
        walk(["a", "b"], {}, work, jobs=1)
