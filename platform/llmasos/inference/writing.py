"""Writing a run's stream: the first text at once, later text gathered, one terminal entry.

Entries have explicit ids, `attempt-number`. Valkey refuses an id that is not above the last one, which
makes a repeated write harmless and shuts out an attempt that a later one or an ending has overtaken.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from redis.exceptions import ResponseError

from llmasos.inference.errors import RunSuperseded
from llmasos.inference.transit import LIFETIME_SECONDS, stream_key
from llmasos.inference.valkey import UNREACHABLE, client
from llmasos.vault.sealing import seal

logger = logging.getLogger(__name__)

GATHER_SECONDS = 0.025
OUTAGE_SECONDS = 8.0
TERMINAL_NUMBER = 1 << 40
"""The number of an attempt's terminal entry: above any other, so nothing can follow it."""


def event_context(run_id: UUID, entry_id: str) -> str:
    """What a sealed entry is bound to: its run and its place in the stream."""
    return f"inference.event:{run_id}:{entry_id}"


class StreamWriter:
    """Writes one attempt's entries. Safe for threads; after the terminal entry every write raises RunSuperseded."""

    def __init__(self, run_id: UUID, token: UUID) -> None:
        self._run_id = run_id
        self._token = token
        self._key = stream_key(run_id)
        self._attempt = 1
        self._number = 0
        self._pending: list[str] = []
        self._pending_logprobs: list[Mapping[str, Any]] = []
        self._closed = False
        self._lock = threading.Lock()
        self.shown = False

    def open(self, attempt: int) -> None:
        """Tells the attempt's number, known once the run is claimed."""
        self._attempt = attempt

    def text(self, piece: str, *, logprobs: Sequence[Mapping[str, Any]] = ()) -> None:
        """Adds generated text, with its tokens where they are wanted.

        The first piece is written before this returns, others soon after.
        """
        with self._lock:
            self._check_open()
            self._pending.append(piece)
            self._pending_logprobs.extend(logprobs)
            if not self.shown:
                self._flush()
                return
        _gatherer.wake(self)

    def emit(self, event: str, data: Mapping[str, Any]) -> None:
        """Writes one event now, after whatever text was waiting."""
        with self._lock:
            self._check_open()
            self._flush()
            self._write(event, data)

    def flush(self) -> None:
        """Writes the text that waits. A closed writer has none."""
        with self._lock:
            if not self._closed:
                self._flush()

    def close(self, event: str, data: Mapping[str, Any], *, blob: bytes | None = None) -> None:
        """Writes the terminal entry. `blob` is a binary result that goes with it."""
        with self._lock:
            self._check_open()
            self._flush()
            self._closed = True
            write_terminal(self._run_id, self._attempt, event, data, token=self._token, blob=blob)

    def abandon(self) -> None:
        """Ends writing without an entry: another attempt or an ending owns the stream now."""
        with self._lock:
            self._closed = True
            self._pending.clear()
            self._pending_logprobs.clear()

    def _check_open(self) -> None:
        if self._closed:
            raise RunSuperseded("this attempt's stream is closed", run_id=self._run_id)

    def _flush(self) -> None:
        if self._pending:
            data: dict[str, Any] = {"text": "".join(self._pending)}
            if self._pending_logprobs:
                data["logprobs"] = self._pending_logprobs
            self._pending, self._pending_logprobs = [], []
            self._write("token", data)

    def _write(self, event: str, data: Mapping[str, Any]) -> None:
        self._number += 1
        entry_id = f"{self._attempt}-{self._number}"
        first = not self.shown
        if not _append(self._run_id, entry_id, event, data, token=self._token, expire=first):
            self._closed = True
            raise RunSuperseded("another attempt writes this stream", run_id=self._run_id)
        self.shown = True


def write_terminal(
    run_id: UUID,
    attempt: int,
    event: str,
    data: Mapping[str, Any],
    *,
    token: UUID | None = None,
    blob: bytes | None = None,
) -> bool:
    """Writes the terminal entry of a run that has ended in its row; False where one is there already."""
    entry_id = f"{max(attempt, 1)}-{TERMINAL_NUMBER}"
    return _append(run_id, entry_id, event, data, token=token, blob=blob, expire=True)


def _append(
    run_id: UUID,
    entry_id: str,
    event: str,
    data: Mapping[str, Any],
    *,
    token: UUID | None,
    blob: bytes | None = None,
    expire: bool,
) -> bool:
    context = event_context(run_id, entry_id)
    fields: dict[Any, Any] = {
        "event": event,
        "data": seal(json.dumps(data, separators=(",", ":")).encode(), context=context),
        "token": str(token or ""),
    }
    if blob is not None:
        fields["blob"] = seal(blob, context=context + ":blob")
    key = stream_key(run_id)
    give_up = time.monotonic() + OUTAGE_SECONDS
    pause, repeated = 0.05, False
    while True:
        try:
            if expire:
                pipeline = client().pipeline(transaction=False)
                pipeline.xadd(key, fields, id=entry_id)
                pipeline.expire(key, LIFETIME_SECONDS)
                pipeline.execute()
            else:
                client().xadd(key, fields, id=entry_id)
        except ResponseError as error:
            if "equal or smaller" not in str(error):
                raise
            # After an outage the refusal may be of our own write, whose answer was lost.
            return repeated and _is_ours(key, entry_id, token)
        except UNREACHABLE:
            if time.monotonic() > give_up:
                raise
            repeated = True
            time.sleep(pause)
            pause = min(pause * 2, 0.5)
        else:
            return True


def _is_ours(key: str, entry_id: str, token: UUID | None) -> bool:
    entries: Any = client().xrange(key, min=entry_id, max=entry_id)
    return any(fields.get(b"token", b"").decode() == str(token or "") for _, fields in entries)


class _Gatherer:
    """One thread a process that writes waiting text every 25 milliseconds, for all streams."""

    def __init__(self) -> None:
        self._waiting: set[StreamWriter] = set()
        self._condition = threading.Condition()
        self._started = False

    def wake(self, writer: StreamWriter) -> None:
        with self._condition:
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="inference-streams", daemon=True).start()
            if not self._waiting:
                self._condition.notify()
            self._waiting.add(writer)

    def _run(self) -> None:
        while True:
            with self._condition:
                while not self._waiting:
                    self._condition.wait()
            time.sleep(GATHER_SECONDS)
            with self._condition:
                writers, self._waiting = self._waiting, set()
            for writer in writers:
                try:
                    writer.flush()
                except RunSuperseded:
                    writer.abandon()
                except Exception:
                    logger.exception("text of a run could not be written")
                    writer.abandon()


_gatherer = _Gatherer()
