"""The daemon process: `python -m cci_lite.sandbox.daemon STATE`. Serves TLS and plain HTTP on two loopback ports."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import ssl
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, NoReturn

from cci_lite.sandbox import certificates, lock, records
from cci_lite.sandbox.control import ALREADY_RUNNING
from cci_lite.sandbox.environment import configure
from cci_lite.sandbox.layout import ACCOUNT, REGION, Layout, write_json


def main(state: Path, inherited: int | None = None) -> int:
    """Serves until SIGTERM. Returns ALREADY_RUNNING when another daemon holds the folder.

    inherited: the open file of the lock, which whoever started this process has taken.
    """
    layout = Layout(state.absolute())
    layout.create()
    os.chdir(state)
    with layout.lock.open("a") if inherited is None else os.fdopen(inherited, "a") as file:
        os.set_inheritable(file.fileno(), False)
        if not lock.take(file):
            sys.stderr.write(f"another sandbox is running on {state}\n")
            return ALREADY_RUNNING
        lock.sign(file)
        shutil.rmtree(layout.scratch)
        layout.create()
        _serve(layout)
    return 0


def _serve(layout: Layout) -> None:
    if not layout.key.exists():
        certificates.make(layout.ca, layout.certificate, layout.key)
    before = records.server(layout) or {}
    tls, plain = _listen(before.get("https_port", 0)), _listen(before.get("http_port", 0))
    ports = {"https_port": tls.getsockname()[1], "http_port": plain.getsockname()[1]}
    configure(layout, **ports)
    asyncio.run(_run(layout, _config(layout, tls, plain), ports))


def _listen(wanted: int) -> socket.socket:
    """A listening loopback socket, on last time's port if it is free so that configured endpoints stay right."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", wanted))
    except OSError:
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


async def _run(layout: Layout, config: Any, ports: dict[str, int]) -> None:
    # The emulator reads its environment at import, so everything that imports it comes after `configure`.
    from hypercorn.asyncio import serve

    from cci_lite.sandbox.assembly import assemble

    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(_report)
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    parts = assemble(layout)

    async def started() -> None:
        await parts.start()
        write_json(layout.server, {"pid": os.getpid(), "account": ACCOUNT, "region": REGION, **ports})

    app = _announcing(parts.gateway, started)
    serving = asyncio.ensure_future(serve(app, config, shutdown_trigger=asyncio.Event().wait))
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        serving.result()
    await _drain(parts.gateway)
    await parts.jobs.stop()
    parts.saving.now()
    _leave(0)


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What goes wrong in the background is logged, but for clients that drop their connection."""
    if not isinstance(context.get("exception"), ssl.SSLError | ConnectionError | TimeoutError):
        loop.default_exception_handler(context)


async def _drain(gateway: Any) -> None:
    """Lets the answers under way go out; clients that keep idle connections open are not waited for."""
    deadline = time.monotonic() + 2
    while gateway.in_flight and time.monotonic() < deadline:
        await asyncio.sleep(0.02)


def _leave(status: int) -> NoReturn:
    """Ends the process at once: worker threads of the emulator may still wait on functions, and all is saved."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _announcing(gateway: Any, started: Callable[[], Awaitable[None]]) -> Any:
    """The application; `started` runs when the emulator has loaded its state, before the first request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def announce(message: Any) -> None:
            if message["type"] == "lifespan.startup.complete":
                await started()
            await send(message)

        await gateway(scope, receive, announce if scope["type"] == "lifespan" else send)

    return app


def _config(layout: Layout, tls: socket.socket, plain: socket.socket) -> Any:
    from hypercorn.config import Config

    config = Config()
    # The server owns the sockets from here on, and closes them.
    config.bind = [f"fd://{tls.detach()}"]
    config.insecure_bind = [f"fd://{plain.detach()}"]
    config.certfile, config.keyfile = str(layout.certificate), str(layout.key)
    config.loglevel = "WARNING"
    config.keep_alive_timeout = 75
    config.keep_alive_max_requests = 1_000_000
    config.graceful_timeout = 0.5
    config.shutdown_timeout = 2
    config.include_server_header = False
    return config


if __name__ == "__main__":
    _leave(main(Path(sys.argv[1]), *map(int, sys.argv[2:])))
