"""stdout and stderr where nobody may be reading any more, as behind `| head -1`. Standard library only.

Whoever stops reading stops nothing: the run goes on to its end, gives its lease back, and its exit code tells how it
ended.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TextIO


def pour(texts: Iterable[str], stream: TextIO) -> None:
    """Write all of it at once, as far as somebody reads it."""
    try:
        for each in texts:
            stream.write(each)
        stream.flush()
    except BrokenPipeError:
        unheard(stream)


def unheard(stream: TextIO) -> None:
    """What is said from here on goes nowhere. So does what is left in it, of which Python would complain at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
