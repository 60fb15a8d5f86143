"""Real servers that take forwarded entries, and that die when told to."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Collector:
    """What arrived. ``dies_after`` messages it resets the connection; ``refuses`` so many HTTP requests with a 503."""

    address: str = ""
    entries: list[dict[str, Any]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    dies_after: int | None = None
    refuses: int = 0
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        return [entry["seq"] for entry in self.entries]


@contextmanager
def syslog_server(context: Any = None) -> Iterator[Collector]:
    """A syslog server over TCP, or over TLS with a context."""
    collector = Collector()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        scheme = "syslog+tls://localhost" if context else "syslog+tcp://127.0.0.1"
        collector.address = f"{scheme}:{listening.getsockname()[1]}"

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) if context else connection as stream:
                        _read_frames(stream, collector)
                except OSError:
                    continue

        threading.Thread(target=serve, daemon=True).start()
        yield collector
        listening.shutdown(socket.SHUT_RDWR)


@contextmanager
def http_collector() -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.headers.append(dict(self.headers))
            if collector.refuses:
                collector.refuses -= 1
                self.send_error(503)
                return
            collector.entries += [json.loads(line) for line in body.splitlines()]
            if collector.dies_after is not None:
                # It took them and died before it said so.
                collector.dies_after = None
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing on the test's output."""

        def handle(self) -> None:
            try:
                super().handle()
            except (OSError, ValueError):
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    collector.address = f"http://127.0.0.1:{server.server_port}/audit"
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()


def _read_frames(stream: socket.socket, collector: Collector) -> None:
    with stream.makefile("rb") as file:
        while length := _length(file):
            message = file.read(length)
            collector.raw.append(message)
            collector.entries.append(json.loads(message[message.index(b"{") :]))
            if collector.dies_after is not None and len(collector.entries) >= collector.dies_after:
                collector.dies_after = None
                # What a killed process leaves behind: unread bytes, and so a reset.
                stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return


def _length(file: Any) -> int:
    digits = b""
    while (byte := file.read(1)) not in (b" ", b""):
        digits += byte
    return int(digits or 0)
