"""A process that splits into copies, each with the whole account in its memory. Needs fork, hence no Windows."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from contextvars import Context
from typing import Any, NoReturn
from unittest.mock import patch


def split() -> tuple[int | None, str]:
    """In the copy: where it has to tell how it ended, for `end`. In the original: None, and what the copy told."""
    assert threading.active_count() == 1, "only the thread that splits would live on in the copy"
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        return writer, ""
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as told:
        text = told.read()
    os.waitpid(process, 0)
    return None, text


def end(report: int, work: Callable[[], str]) -> NoReturn:
    """The copy ends here: it tells what `work` returns, or the traceback of what it raised."""
    try:
        text = work()
    except BaseException:  # nothing of a copy may go on
        text = traceback.format_exc()
    with os.fdopen(report, "w", encoding="utf-8") as told:
        told.write(text)
    os._exit(0)


class InPlace:
    """A pool that does the work at once in the thread that submits it; each piece in a context of its own."""

    def __init__(self, max_workers: int) -> None:
        self.max_workers = max_workers

    def __enter__(self) -> InPlace:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def shutdown(self) -> None:
        """It has no threads to end."""

    def submit(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(Context().run(work, *given))
        except BaseException as error:  # as a pool does: it comes out where the result is asked for
            future.set_exception(error)
        return future


@contextmanager
def without_threads() -> Iterator[None]:
    """The product's pools work in place. One that is not named here is found by `split`."""
    with ExitStack() as patches:
        for module in ("aws.cloud", "engine.graph", "engine.settle"):
            patches.enter_context(patch(f"cci_lite.{module}.ThreadPoolExecutor", InPlace))
        yield
