"""A small server of another system that publishes its public keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class KeyServer(ThreadingHTTPServer):
    """``keys`` is what it answers; ``moved_to`` sends whoever asks elsewhere; ``hosts`` are what requests named."""

    daemon_threads = True

    def __init__(self, keys: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.keys = keys
        self.moved_to = ""
        self.hosts: list[str] = []

    @property
    def asked(self) -> int:
        return len(self.hosts)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/jwks.json"


class _Handler(BaseHTTPRequestHandler):
    server: KeyServer

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        body = json.dumps(self.server.keys).encode()
        self.send_response(302 if self.server.moved_to else 200)
        if self.server.moved_to:
            self.send_header("Location", self.server.moved_to)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return None


@contextmanager
def serving(server: KeyServer) -> Iterator[None]:
    """Let a server answer until the block ends."""
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def publishing(keys: Any) -> Iterator[KeyServer]:
    """Serve until the block ends."""
    server = KeyServer(keys)
    with serving(server):
        yield server
