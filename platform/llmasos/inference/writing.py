"""Writing a run's stream: the first text at once, later text gathered, one terminal entry.

Entries have explicit ids, `attempt-number`. Valkey refuses an id that is not above the last one, which
makes a repeated write harmless and shuts out an attempt that a later one or an ending has overtaken.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
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
BLOB = "blob"
"""The field of a binary result, after the one of its event."""
TERMINAL_NUMBER = 1 << 40
"""The number of an attempt's terminal entry: above any other, so nothing can follow it."""


def event_context(run_id: UUID, entry_id: str) -> str:
    """What a sealed entry is bound to: its run and its place in the stream."""
    return f"inference.event:{run_id}:{entry_id}"


class StreamWriter:
    """Writes one attempt's entries. Safe for threads; after the terminal entry every write raises RunSuperseded."""

    def __init__(self, run_id: UUID) -> None:
        self._run_id = run_id
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

    def close(
        self,
        event: str,
        data: Mapping[str, Any],
        *,
        blob: bytes | None = None,
        before: Callable[[Any], None] = lambda pipeline: None,
    ) -> None:
        """Writes the terminal entry. `blob` is a binary result that goes with it.

        `before` adds commands to the same message, which may be sent twice.
        """
        with self._lock:
            self._check_open()
            self._flush()
            self._closed = True
            write_terminal(self._run_id, self._attempt, event, data, blob=blob, before=before)

    def begin_flush(self) -> Entry | None:
        """The text that waits, as an entry to be written with others; None where there is none.

        Nothing else is written until `end_flush` says what became of it.
        """
        self._lock.acquire()
        entry: Entry | None = None
        try:
            if self._pending and not self._closed:
                self._number += 1
                entry = Entry(self._run_id, f"{self._attempt}-{self._number}", "token", self._gathered())
        finally:
            if entry is None:
                self._lock.release()
        return entry

    def end_flush(self, *, is_written: bool) -> None:
        """Go on after `begin_flush`; a writer whose entry was not written is closed."""
        self._closed = self._closed or not is_written
        self._lock.release()

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
            self._write("token", self._gathered())

    def _gathered(self) -> dict[str, Any]:
        data: dict[str, Any] = {"text": "".join(self._pending)}
        if self._pending_logprobs:
            data["logprobs"] = self._pending_logprobs
        self._pending, self._pending_logprobs = [], []
        return data

    def _write(self, event: str, data: Mapping[str, Any]) -> None:
        self._number += 1
        entry = Entry(self._run_id, f"{self._attempt}-{self._number}", event, data)
        first = not self.shown
        if not _append(entry, expire=first):
            self._closed = True
            raise RunSuperseded("another attempt writes this stream", run_id=self._run_id)
        self.shown = True


def write_terminal(
    run_id: UUID,
    attempt: int,
    event: str,
    data: Mapping[str, Any],
    *,
    blob: bytes | None = None,
    before: Callable[[Any], None] = lambda pipeline: None,
) -> bool:
    """Writes the terminal entry of a run that has ended in its row; False where one is there already."""
    entry_id = f"{max(attempt, 1)}-{TERMINAL_NUMBER}"
    return _append(Entry(run_id, entry_id, event, data, blob=blob), expire=True, before=before)


class Entry:
    """One entry of a run's stream, sealed. Its first field is named after what happened: fewer are read faster."""

    def __init__(
        self,
        run_id: UUID,
        entry_id: str,
        event: str,
        data: Mapping[str, Any],
        *,
        blob: bytes | None = None,
    ) -> None:
        context = event_context(run_id, entry_id)
        self.key = stream_key(run_id)
        self.id = entry_id
        self._event = event
        self.fields: dict[Any, Any] = {event: seal(json.dumps(data, separators=(",", ":")).encode(), context=context)}
        if blob is not None:
            self.fields[BLOB] = seal(blob, context=context + ":blob")

    def is_there(self) -> bool:
        """Whether it is in the stream: no two are sealed alike."""
        entries: Any = client().xrange(self.key, min=self.id, max=self.id)
        return any(fields.get(self._event.encode()) == self.fields[self._event] for _, fields in entries)


def _append(
    entry: Entry,
    *,
    expire: bool,
    give_up: float | None = None,
    before: Callable[[Any], None] = lambda pipeline: None,
) -> bool:
    """Write an entry; False where its place is taken.

    With `give_up`, a moment of the monotonic clock, this is the second try of a write whose answer was lost.
    """
    repeated = give_up is not None
    give_up = give_up or time.monotonic() + OUTAGE_SECONDS
    pause = 0.05
    while True:
        try:
            if expire:
                pipeline = client().pipeline(transaction=False)
                before(pipeline)
                pipeline.xadd(entry.key, entry.fields, id=entry.id)
                pipeline.expire(entry.key, LIFETIME_SECONDS)
                pipeline.execute()
            else:
                client().xadd(entry.key, entry.fields, id=entry.id)
        except ResponseError as error:
            if not _is_taken(error):
                raise
            # After an outage the refusal may be of our own write, whose answer was lost.
            return repeated and entry.is_there()
        except UNREACHABLE:
            if time.monotonic() > give_up:
                raise
            repeated = True
            time.sleep(pause)
            pause = min(pause * 2, 0.5)
        else:
            return True


def _append_all(entries: Sequence[Entry]) -> list[bool | Exception]:
    """Write entries of several streams in one message; of each whether it was written, or what went wrong.

    In one transaction, so that a reader of them all is woken once.
    """
    pipeline = client().pipeline(transaction=True)
    for entry in entries:
        pipeline.xadd(entry.key, entry.fields, id=entry.id)
    try:
        answers = pipeline.execute(raise_on_error=False)
    except UNREACHABLE:
        give_up = time.monotonic() + OUTAGE_SECONDS
        return [_tried_again(entry, give_up) for entry in entries]
    return [False if _is_taken(answer) else answer if isinstance(answer, Exception) else True for answer in answers]


def _tried_again(entry: Entry, give_up: float) -> bool | Exception:
    try:
        return _append(entry, expire=False, give_up=give_up)
    except Exception as error:  # noqa: BLE001 - told to its writer
        return error


def _is_taken(answer: Any) -> bool:
    return isinstance(answer, ResponseError) and "equal or smaller" in str(answer)


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
            _flush_all(writers)


def _flush_all(writers: Iterable[StreamWriter]) -> None:
    begun: list[tuple[StreamWriter, Entry]] = []
    written: Sequence[bool | Exception] = ()
    try:
        for writer in writers:
            entry = writer.begin_flush()
            if entry is not None:
                begun.append((writer, entry))
        written = _append_all([entry for _, entry in begun]) if begun else ()
    except Exception:
        logger.exception("text of runs could not be written")
    for (writer, _), outcome in zip(begun, written or [False] * len(begun), strict=True):
        if isinstance(outcome, Exception):
            logger.error("text of a run could not be written", exc_info=outcome)
        writer.end_flush(is_written=outcome is True)


_gatherer = _Gatherer()
