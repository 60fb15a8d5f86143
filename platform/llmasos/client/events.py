"""Reading server-sent events from bytes, as the HTML standard describes them."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event: its data lines joined, its name ("message" where the server gives none), its id."""

    data: str
    event: str = "message"
    id: str = ""


class EventDecoder:
    """Turns chunks of bytes, cut anywhere, into events.

    Lines end at LF, CR LF or CR alone; other characters that Python calls line breaks (U+2028,
    U+0085) stay text, because they may occur inside JSON.
    """

    def __init__(self) -> None:
        self._pending = b""
        self._data: list[str] = []
        self._event = ""
        self._id = ""

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take the next bytes and return the events that they complete."""
        self._pending += chunk
        events: list[ServerSentEvent] = []
        while (line := self._next_line()) is not None:
            event = self._take(line)
            if event is not None:
                events.append(event)
        return events

    def _next_line(self) -> bytes | None:
        found = _LINE_END.search(self._pending)
        if found is None:
            return None
        if found.group() == b"\r" and found.end() == len(self._pending):
            return None  # an LF may follow in the next chunk
        line = self._pending[: found.start()]
        self._pending = self._pending[found.end() :]
        return line

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            if not self._data:
                self._event = ""
                return None
            event = ServerSentEvent(data="\n".join(self._data), event=self._event or "message", id=self._id)
            self._data, self._event = [], ""
            return event
        if line.startswith(b":"):
            return None
        name, _, raw = line.partition(b":")
        value = raw.removeprefix(b" ").decode("utf-8", errors="replace")
        if name == b"data":
            self._data.append(value)
        elif name == b"event":
            self._event = value
        elif name == b"id":
            self._id = value
        return None
