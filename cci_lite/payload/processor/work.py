"""What the handler's parts share: clients, configuration, stores and the clock, tied together once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from .clients import Clients
from .config import Configuration, Environment, Tenant
from .errors import PermanentError
from .store import Store


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Work:
    """memory_mb: the function's, for the cost; now: UTC wall clock."""

    clients: Clients
    environment: Environment
    configuration: Configuration
    memory_mb: int = 1024
    now: Callable[[], datetime] = _now

    @property
    def store(self) -> Store:
        return Store(self.clients.s3, self.environment)

    def tenant(self, name: str) -> Tenant:
        """The registered tenant. Raises PermanentError for any other name (aws-facts 17)."""
        found = self.configuration.tenant(name)
        if found is None:
            raise PermanentError("tenant", "UnregisteredTenant", f"tenant {name} is not registered")
        return found
