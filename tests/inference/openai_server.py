"""A small server that speaks the OpenAI API: it repeats the last words it was given, and fails when told to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

CONTEXT_WORDS = 2048


class Server(ThreadingHTTPServer):
    """``fails_with`` are the statuses of the next answers; ``cut_after`` breaks a stream after so many words.

    ``choices`` are sent, each in a chunk, instead of the words.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.fails_with: list[int] = []
        self.cut_after = 0
        self.choices: list[dict[str, Any]] = []
        self.broken_pipes = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.keys.append(self.headers.get("Authorization", ""))
        if self.server.fails_with:
            self._refuse(self.server.fails_with.pop(0), "not now")
            return
        chat = self.path.endswith("chat/completions")
        words = (body["messages"][-1]["content"] if chat else body["prompt"]).split()
        if len(words) > CONTEXT_WORDS:
            self._refuse(400, "the prompt is too long", code="context_length_exceeded")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        shown = words[: body["max_tokens"]]
        if self.server.choices:
            for choice in self.server.choices:
                self._event({"choices": [choice]})
            self.wfile.write(b"data: [DONE]\n\n")
            return
        try:
            for number, word in enumerate(shown):
                if self.server.cut_after and number == self.server.cut_after:
                    return
                piece = word if not number else f" {word}"
                self._event({"choices": [{"delta": {"content": piece}} if chat else {"text": piece}]})
            self._event({"choices": [{"finish_reason": "length" if len(shown) < len(words) else "stop"}]})
            self._event({"choices": [], "usage": {"prompt_tokens": len(words), "completion_tokens": len(shown)}})
            self.wfile.write(b"data: [DONE]\n\n")
        except BrokenPipeError:
            self.server.broken_pipes += 1

    def _event(self, data: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(data).encode() + b"\n\n")
        self.wfile.flush()

    def _refuse(self, status: int, message: str, *, code: str | None = None) -> None:
        body = json.dumps({"error": {"message": message, "code": code}}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        return None


@contextmanager
def serving() -> Iterator[Server]:
    """Serve until the block ends."""
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
