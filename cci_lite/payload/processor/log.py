"""Structured log lines: what happened to which call, after how long; never what was said. Standard library only."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Log:
    """Prints one JSON line an event, with the invocation's request id and, once known, tenant and call."""

    request_id: str
    tenant: str | None = None
    call: str | None = None
    began: float = field(default_factory=time.monotonic)

    def of(self, tenant: str | None, call: str) -> Log:
        """The same log about one call."""
        return replace(self, tenant=tenant, call=call)

    def anew(self) -> Log:
        """The same log of work that begins now."""
        return replace(self, began=time.monotonic())

    def elapsed_ms(self) -> int:
        """Milliseconds since the work began."""
        return round((time.monotonic() - self.began) * 1000)

    def __call__(self, stage: str, **told: Any) -> None:
        known = {"request_id": self.request_id, "tenant": self.tenant, "call_id": self.call}
        print(json.dumps({"stage": stage, "elapsed_ms": self.elapsed_ms(), **known, **told}, default=str), flush=True)
