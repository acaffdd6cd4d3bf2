"""Order: which steps come before which, and a walk over them with several hands. Knows engine.model only."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from cci_lite.engine.model import Step

N = TypeVar("N", bound=Hashable)
R = TypeVar("R")


class CycleError(Exception):
    """Steps that wait for each other; `members` in the order of the circle."""

    def __init__(self, members: Sequence[str]) -> None:
        super().__init__(" -> ".join(members))
        self.members = tuple(members)


@dataclass(frozen=True)
class Graph:
    """Steps in runbook order (a topological order, ties by position in the file)."""

    steps: tuple[Step, ...]

    @classmethod
    def of(cls, steps: Iterable[Step]) -> Graph:
        """Raises CycleError. Every id in `needs` must be among the steps."""
        given = list(steps)
        order = ordered({step.meta.id: step.meta.needs for step in given})
        by_id = {step.meta.id: step for step in given}
        return cls(tuple(by_id[each] for each in order))

    def __getitem__(self, step: str) -> Step:
        return next(each for each in self.steps if each.meta.id == step)

    def ids(self) -> tuple[str, ...]:
        return tuple(each.meta.id for each in self.steps)

    def ancestors(self, ids: Iterable[str]) -> frozenset[str]:
        """`ids` and everything they need, directly or not."""
        needs = {step.meta.id: step.meta.needs for step in self.steps}
        return _closure(needs, ids)

    def descendants(self, ids: Iterable[str]) -> frozenset[str]:
        """`ids` and everything that needs them, directly or not."""
        return _closure(self.dependents(), ids)

    def dependents(self) -> dict[str, frozenset[str]]:
        """For each step, those that need it directly."""
        result: dict[str, set[str]] = {step.meta.id: set() for step in self.steps}
        for step in self.steps:
            for need in step.meta.needs:
                result[need].add(step.meta.id)
        return {key: frozenset(value) for key, value in result.items()}


def ordered(needs: Mapping[str, frozenset[str]]) -> tuple[str, ...]:
    """Topological order of `needs`, ties broken by the mapping's own order. Raises CycleError."""
    done: dict[str, None] = {}
    left = list(needs)
    while left:
        ready = next((each for each in left if needs[each] <= done.keys()), None)
        if ready is None:
            raise CycleError(_circle(needs, left))
        left.remove(ready)
        done[ready] = None
    return tuple(done)


def longest_first(needs: Mapping[str, frozenset[str]], weight: Callable[[str], int] = lambda each: 1) -> list[str]:
    """`needs` by how much follows, one after the other: the longest way decides when the last one is done.

    Ties by the mapping's own order; members of `needs` that are no keys do not count. No cycles.
    """
    followers: dict[str, list[str]] = {each: [] for each in needs}
    for each, before in needs.items():
        for need in before & needs.keys():
            followers[need].append(each)
    ahead: dict[str, int] = {}

    def way(each: str) -> int:
        if each not in ahead:
            ahead[each] = weight(each) + max(map(way, followers[each]), default=0)
        return ahead[each]

    return sorted(needs, key=way, reverse=True)


def walk(
    order: Sequence[N],
    after: Mapping[N, frozenset[N]],
    work: Callable[[N], R],
    *,
    jobs: int,
    documents: Mapping[N, str] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[N, R]:
    """Run `work` on every id, each after those in `after`, at most `jobs` at a time; results by id in `order`.

    Of those that are ready the first in `order` is begun first. Ids with the same non-empty entry in `documents`
    never run together. `work` must not raise for an ordinary failure: an exception ends the walk once the siblings
    in flight are done. After `stopped()` nothing new is begun.
    """
    among = frozenset(order)
    waiting = {each: set(after.get(each, frozenset()) & among) for each in order}
    followers: dict[N, list[N]] = {each: [] for each in order}
    for each, needs in waiting.items():
        for need in needs:
            followers[need].append(each)
    results, documents = dict[N, R](), documents or {}
    flying, ended = dict[Future[R], N](), SimpleQueue[Future[R]]()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        while waiting or flying:
            if not stopped():
                for each in _ready(waiting, flying.values(), documents)[: jobs - len(flying)]:
                    del waiting[each]
                    future = pool.submit(work, each)
                    flying[future] = each
                    future.add_done_callback(ended.put)
            if not flying:
                break
            future = ended.get()
            done = flying.pop(future)
            results[done] = future.result()
            for each in followers[done]:
                waiting[each].discard(done)
    return {each: results[each] for each in order if each in results}


def _ready(waiting: Mapping[N, Collection[N]], flying: Iterable[N], documents: Mapping[N, str]) -> list[N]:
    """Of `waiting` (-> what it still needs), in order, those that may begin now."""
    ready, held = list[N](), {documents.get(each, "") for each in flying} - {""}
    for each, needs in waiting.items():
        if not needs and (document := documents.get(each, "")) not in held:
            held |= {document} - {""}
            ready.append(each)
    return ready


def _closure(edges: Mapping[str, frozenset[str]], ids: Iterable[str]) -> frozenset[str]:
    found, todo = set[str](), list(ids)
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo.extend(edges[each])
    return frozenset(found)


def _circle(needs: Mapping[str, frozenset[str]], left: Sequence[str]) -> list[str]:
    path = [left[0]]
    while True:
        following = next(each for each in left if each in needs[path[-1]])
        if following in path:
            return [*path[path.index(following) :], following]
        path.append(following)
