"""A run that meets a fault at the first call of one operation."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.steps.faults import Fault, Killed, Saboteur
from tests.world import World


@dataclass
class FirstCall(Saboteur):
    """Installed before any client of the account is made; harmless until `spoil`."""

    operation: str = ""

    def spoil(self, world: World, operation: str, fault: Fault, *steps: str) -> None:
        """A provision that meets the fault at its first call of `operation`; what it does not finish is left."""
        self.arm(-1, fault)
        self.operation = operation
        with suppress(Killed):
            world.provision(*steps)
        assert self.fired
        self.operation = ""
        self.disarm()

    def _before(self, context: dict[str, Any], model: Any, **rest: Any) -> Any:
        self.k = self.count if model.name == self.operation and not self.fired else -1
        return super()._before(context, model, **rest)
