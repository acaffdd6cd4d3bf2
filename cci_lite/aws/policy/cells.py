"""One text for every way in which texts can match a set of wildcard patterns. Imports its neighbour conditions only.

A decision depends on a text only through which of the patterns it matches. Two texts that match the same ones are in
the same cell; the cells that are not empty are found by walking all patterns at once, character by character.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping
from functools import lru_cache
from itertools import chain

from cci_lite.aws.policy.conditions import matches

Cell = tuple[bool, ...]
State = tuple[frozenset[int], ...]

_RARE = "zqxj0~"


def cells(patterns: Collection[str], examples: Collection[str] = ()) -> Mapping[Cell, str]:
    """Cell -> a text in it, for all cells that have one; `examples` are preferred to made-up texts.

    Complete because the walk visits every reachable set of positions in the patterns. Characters that no pattern
    mentions are alike to all of them, so that one of these stands for the rest. Patterns know `*` and `?`.
    """
    ordered = tuple(sorted(patterns))
    found: dict[Cell, str] = {}
    start = tuple(_closed(pattern, frozenset({0})) for pattern in ordered)
    seen, ahead = {start}, deque([(start, "")])
    letters = _alphabet(ordered)
    while ahead:
        state, text = ahead.popleft()
        found.setdefault(_cell(ordered, state), text)
        for letter in _told_apart(ordered, state, letters):
            after = _after(ordered, state, letter)
            if after not in seen:
                seen.add(after)
                ahead.append((after, text + letter))
    return {**found, **{_cell_of(ordered, each): each for each in reversed(list(examples))}}


def witnesses(patterns: Collection[str], examples: Collection[str] = ()) -> tuple[str, ...]:
    """The texts of all cells. Claims about one bucket ask for the same ones."""
    return _witnesses(frozenset(patterns), tuple(examples))


@lru_cache(maxsize=256)
def _witnesses(patterns: frozenset[str], examples: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cells(patterns, examples).values())


def _cell_of(patterns: tuple[str, ...], text: str) -> Cell:
    return tuple(matches(pattern, text) for pattern in patterns)


def _cell(patterns: tuple[str, ...], state: State) -> Cell:
    return tuple(len(pattern) in at for pattern, at in zip(patterns, state, strict=True))


def _told_apart(patterns: tuple[str, ...], state: State, letters: tuple[str, ...]) -> list[str]:
    """Of `letters`, in order, those that a pattern waits for here, and the first of all others, which are alike."""
    awaited = {pattern[each : each + 1] for pattern, at in zip(patterns, state, strict=True) for each in at}
    alike = next(each for each in letters if each not in awaited)
    return [each for each in letters if each in awaited or each == alike]


def _after(patterns: tuple[str, ...], state: State, letter: str) -> State:
    return tuple(_step(pattern, at, letter) for pattern, at in zip(patterns, state, strict=True))


def _step(pattern: str, at: frozenset[int], letter: str) -> frozenset[int]:
    """Positions after one more character: a star stays where it is, anything else must fit."""
    stay = {each for each in at if pattern[each : each + 1] == "*"}
    onward = {each + 1 for each in at if pattern[each : each + 1] in ("?", letter) and each not in stay}
    return _closed(pattern, frozenset(stay | onward))


def _closed(pattern: str, at: frozenset[int]) -> frozenset[int]:
    """Also the positions behind stars, which may stand for nothing."""
    out = set(at)
    for each in sorted(at):
        here = each
        while pattern[here : here + 1] == "*":
            here += 1
            out.add(here)
    return frozenset(out)


def _alphabet(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """Every character of the patterns, and one that is in none of them."""
    mentioned = frozenset("".join(patterns)) - {"*", "?"}
    other = next(each for each in chain(_RARE, map(chr, range(0x100, 0x10000))) if each not in mentioned)
    return (*sorted(mentioned), other)
