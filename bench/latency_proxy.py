"""A moto server behind a proxy that makes every call take a round trip to AWS. Measures nothing itself; counts calls.

May import moto and bench.pipeline; never imported by the product. A call takes the same time however many are under
way, as it does on AWS: what moto, which answers one after the other, needs for it is a part of that time. The rest is
slept, so that waiting costs no CPU.
"""

from __future__ import annotations

import argparse
import http.client
import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from moto.kms import models
from moto.server import ThreadedMotoServer

from bench import bedrock, judge
from bench.gaps import Gaps
from bench.pipeline import Pipeline

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date", "expect"})
Reply = tuple[int, Mapping[str, str], bytes]


@dataclass
class Proxy:
    """delay_s: what each call takes, from the last byte of the request to the first of the answer."""

    backend: tuple[str, int]
    delay_s: float
    calls: list[str] = field(default_factory=list)
    pipeline: Pipeline = field(default_factory=Pipeline)
    gaps: Gaps = field(default_factory=Gaps)
    connections: threading.local = field(default_factory=threading.local)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """One call: counted, answered, delayed."""
        came = time.monotonic()
        self.calls.append(f"{method} {headers.get('X-Amz-Target', urlsplit(path).path)}")
        reply = self._answer(method, path, headers, body)
        time.sleep(max(0.0, came + self.delay_s - time.monotonic()))
        return reply

    def _answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Here, or by moto."""
        if path.startswith("http://"):  # AWS's own host, reached through http_proxy: the request without TLS
            xml = {"Content-Type": "application/xml"}
            return (200, xml, b"<R/>") if judge.allowed_without_tls(path) else (403, xml, judge.REFUSAL)
        given = _own(method, urlsplit(path).path, headers)
        if given is not None:
            return given
        if method == "PUT" and not judge.allowed(urlsplit(path).path, headers):
            return 403, {"Content-Type": "application/xml"}, judge.REFUSAL
        reply = self._pass_on(method, path, headers, body)
        if method == "PUT" and reply[0] < 300:
            self.pipeline.landed(urlsplit(path), headers, self._put)
        return self.gaps.filled(method, path, headers, body, reply, self._put)

    def empty(self) -> None:
        """An account with nothing in it: moto's outlives its server."""
        self.gaps.forget()
        self._pass_on("POST", "/moto-api/reset", {}, b"")

    def _put(self, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        """A write of the pipeline's own: neither counted nor delayed."""
        self._pass_on("PUT", path, headers, body)

    def _pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        connection = getattr(self.connections, "made", None)
        if connection is None:
            connection = self.connections.made = http.client.HTTPConnection(*self.backend)
        try:
            connection.request(method, path, body, dict(headers))
            answered = connection.getresponse()
            found = {name: value for name, value in answered.getheaders() if name.lower() not in _HOP}
            return answered.status, found, answered.read()
        except (http.client.HTTPException, OSError):
            connection.close()  # the next call opens it again
            raise


def _own(method: str, path: str, headers: Mapping[str, str]) -> Reply | None:
    """What moto lacks."""
    service = headers.get("Authorization", "").partition("Credential=")[2].split("/")[3:4]
    if service == ["bedrock"]:
        status, body = bedrock.answer(method, unquote(path))
        return status, {"Content-Type": "application/json", **bedrock.error(status)}, json.dumps(body).encode()
    if path.endswith("/invocations") and headers.get("X-Amz-Invocation-Type") == "DryRun":
        return 204, {}, b""
    return None


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            self.wfile = _Buffered(self.wfile)  # type: ignore[assignment]

        def handle_expect_100(self) -> bool:
            """Said at once: botocore waits a second for it before it sends a body."""
            super().handle_expect_100()
            self.wfile.flush()
            return True

        def _serve(self) -> None:
            if self.path in ("/_bench/empty", "/_bench/forget"):
                if self.path == "/_bench/empty":
                    proxy.empty()
                proxy.calls.clear()
                return self._reply(200, {}, b"")
            if self.path == "/_bench/calls":
                return self._reply(200, {}, json.dumps(proxy.calls).encode())
            body = self._body()
            return self._reply(*proxy.answer(self.command, self.path, dict(self.headers), body))

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                return self._chunks()
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))

        def _chunks(self) -> bytes:
            found = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return found

        def _reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and status != 204:
                self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """Silent: the numbers are the result."""

    for method in ("GET", "PUT", "POST", "DELETE", "HEAD", "PATCH"):
        setattr(Handler, f"do_{method}", Handler._serve)
    return Handler


class _Buffered:
    """One packet for head and body: two would wait for each other's acknowledgement."""

    def __init__(self, out: Any) -> None:
        self._out, self._kept, self.closed = out, bytearray(), False

    def write(self, data: bytes) -> int:
        self._kept += data
        return len(data)

    def flush(self) -> None:
        kept, self._kept = bytes(self._kept), bytearray()
        if kept:
            self._out.write(kept)
            self._out.flush()

    def close(self) -> None:
        self.flush()
        self._out.close()
        self.closed = True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


@dataclass
class Bench:
    """A fresh account: moto and the proxy, each on a free port of the loopback."""

    delay_s: float = 0.05

    def __enter__(self) -> Bench:
        judge.no_second_opinion()
        _one_private_key()
        self._moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._moto.start()
        self.proxy = Proxy(self._moto.get_host_and_port(), self.delay_s)
        self.proxy.empty()
        self._server = _Server(("127.0.0.1", 0), _handler(self.proxy))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._moto.stop()


def _one_private_key() -> None:
    """moto looks for one at each CreateKey, which takes as long as it takes, up to seconds. Nothing is signed."""
    made = models.generate_private_key("SYMMETRIC_DEFAULT")
    models.generate_private_key = lambda _: made  # type: ignore[assignment]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay-ms", type=float, default=50.0)
    with Bench(parser.parse_args().delay_ms / 1000) as bench:
        print(f"AWS_ENDPOINT_URL={bench.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
