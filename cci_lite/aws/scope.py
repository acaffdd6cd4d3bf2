"""What is true of the calls that a piece of work makes: for which step, and how they are to be taken. Contexts only.

May import aws.memo. Each is a context variable: threads that work for the same piece carry it along.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from cci_lite.aws.memo import Memo

#: The step on whose behalf the current thread calls ("" outside of steps).
current_step: ContextVar[str] = ContextVar("current_step", default="")
_glance: ContextVar[Memo | None] = ContextVar("glance", default=None)
_unlikely: ContextVar[bool] = ContextVar("unlikely", default=False)
_cleaning: ContextVar[bool] = ContextVar("cleaning", default=False)


@contextmanager
def at_step(step: str) -> Iterator[None]:
    """Calls made in the body are made on behalf of `step`."""
    token = current_step.set(step)
    try:
        yield
    finally:
        current_step.reset(token)


@contextmanager
def glance() -> Iterator[None]:
    """What was read to decide is not read again right before the write; a write or a wait ends it."""
    token = _glance.set(Memo())
    try:
        yield
    finally:
        _glance.reset(token)


def seen() -> Memo | None:
    """What the glance around the current call has seen."""
    return _glance.get()


def end_glance() -> None:
    """What was read before is old from here on."""
    if memo := _glance.get():
        memo.open = False


@contextmanager
def unlikely() -> Iterator[None]:
    """What is asked for is probably not there: nothing is asked of its parts before it is known to be."""
    token = _unlikely.set(True)
    try:
        yield
    finally:
        _unlikely.reset(token)


def is_unlikely() -> bool:
    return _unlikely.get()


@contextmanager
def cleaning() -> Iterator[None]:
    """Calls that must still be made after an interruption, to leave nothing of ours behind."""
    token = _cleaning.set(True)
    try:
        yield
    finally:
        _cleaning.reset(token)


def is_cleaning() -> bool:
    return _cleaning.get()
