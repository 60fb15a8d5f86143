"""A transit engine over HTTP, as OpenBao and HashiCorp Vault document it, with keys in memory."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "t-0123456789"


class TransitServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []
        self.disabled = False
        self._cipher = AESGCM(os.urandom(32))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/transit"

    def answer(self, action: str, content: dict[str, str]) -> dict[str, str]:
        associated = base64.b64decode(content.get("associated_data", ""))
        if action == "encrypt":
            nonce = os.urandom(12)
            sealed = nonce + self._cipher.encrypt(nonce, base64.b64decode(content["plaintext"]), associated)
            return {"ciphertext": f"vault:v1:{base64.b64encode(sealed).decode()}"}
        sealed = base64.b64decode(content["ciphertext"].removeprefix("vault:v1:"))
        return {"plaintext": base64.b64encode(self._cipher.decrypt(sealed[:12], sealed[12:], associated)).decode()}


class _Handler(BaseHTTPRequestHandler):
    server: TransitServer

    def do_POST(self) -> None:
        action, key = self.path.removeprefix("/v1/transit/").split("/")
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Vault-Token"] != TOKEN or self.server.disabled or key != "llmasos":
            self._send(403, {"errors": ["permission denied"]})
            return
        self.server.asked.append(action)
        try:
            self._send(200, {"data": self.server.answer(action, content)})
        except InvalidTag:
            self._send(400, {"errors": ["cipher: message authentication failed"]})

    def _send(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


@contextmanager
def transit_server() -> Iterator[TransitServer]:
    with TransitServer() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()
