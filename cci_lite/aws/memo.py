"""Equal reads made once while planning, or until a write. May import botocore's exceptions and the standard library."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError


class Memo:
    """Single flight: the first asker calls, the others wait for its answer or its error. Closed, it forgets all."""

    def __init__(self) -> None:
        self.open = True
        self._lock = threading.Lock()
        self._slots: dict[str, _Slot] = {}

    def once(self, key: str, call: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
        with slot.lock:
            if not slot.done:
                try:
                    slot.answer = call()
                except ClientError as error:
                    slot.error = error
                slot.done = True
        if slot.error is not None:
            raise slot.error
        return slot.answer


@dataclass
class _Slot:
    lock: threading.Lock = field(default_factory=threading.Lock)
    done: bool = False
    answer: dict[str, Any] = field(default_factory=dict)
    error: ClientError | None = None
