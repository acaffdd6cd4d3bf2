"""One TLS context for all clients: the certificates that are trusted are read once. Knows botocore's HTTP session.

urllib3 reads the whole CA bundle again for each connection, which takes longer than everything else of making it: 20
ms, 35 times in a plan. There is no setting for it, so that the first client's context is used by the others as well,
and reads no bundle twice. Connections through a proxy have contexts of their own.
"""

from __future__ import annotations

import ssl
from functools import cache
from typing import Any


class Trust:
    """Of the clients of one session, which all trust the same certificates."""

    def __init__(self) -> None:
        self._context: ssl.SSLContext | None = None

    def share(self, client: Any) -> None:
        """The client is new, and has no connection yet."""
        pools = client._endpoint.http_session._manager.connection_pool_kw
        if self._context is None:
            context: ssl.SSLContext = pools["ssl_context"]
            context.load_verify_locations = cache(context.load_verify_locations)  # type: ignore[assignment]
            self._context = context
        pools["ssl_context"] = self._context
