"""The journal of erasures: a file outside the database, from which a restored backup erases again.

A backup brings back whoever was erased after it was made. The journal says who that was: ids alone, a line an
erasure, each line bound to the one before it, so that a journal that is no continuation of the backup's own is
noticed. Its place is the setting ``ERASURE_JOURNAL``; keep it where the outside checkpoints are kept.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings

from llmasos.audit.types import Ref

_START = "0" * 64
# More than one line takes.
_TAIL_BYTES = 4096


class JournalError(Exception):
    """The journal was altered, or is another installation's. The message is one sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """One subject whose data was erased."""

    organisation_id: UUID
    subject: Ref
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """How far a journal goes: its number of lines and the digest of the last, in hexadecimal."""

    position: int
    digest: str


EMPTY = Head(0, _START)


def path() -> Path:
    """Return where the journal is kept."""
    return Path(settings.ERASURE_JOURNAL)


def append(erasure: Erasure) -> int:
    """Write one erasure to the disk for good and return its position.

    Call it in the erasing transaction, last before the commit: an erasure that is journalled and then lost is
    repeated on restore, one that is committed and not journalled would come back.

    Raises:
        JournalError: the journal was altered.
        OSError: it cannot be written; the erasure must fail then.
    """
    file_path = path()
    file_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(file_path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "rb+", buffering=0) as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
        # A line without its end was cut off by a crash before anybody relied on it.
        whole = tail.rfind(b"\n") + 1
        file.truncate(start + whole)
        last = _last(tail[:whole])
        line = _written(erasure, after=last)
        file.write(line)
        os.fsync(descriptor)
    return last.position + 1


def read_since(position: int = 0, *, file: Path | None = None) -> Iterator[Erasure]:
    """Yield the erasures after ``position``, oldest first; none where there is no journal.

    Raises:
        JournalError: the journal was altered.
    """
    for head, erasure in _lines(_content(file)):
        if head.position > position:
            yield erasure


def head(*, file: Path | None = None) -> Head:
    """Return how far the journal goes. Raises ``JournalError`` when it was altered."""
    return max((found for found, _ in _lines(_content(file))), key=lambda found: found.position, default=EMPTY)


def continues(earlier: Head, *, file: Path | None = None) -> bool:
    """Say whether the journal is ``earlier`` or goes on from there."""
    return earlier == EMPTY or any(found == earlier for found, _ in _lines(_content(file)))


def _content(file: Path | None) -> bytes:
    try:
        content = (file or path()).read_bytes()
    except FileNotFoundError:
        return b""
    return content[: content.rfind(b"\n") + 1]


def _last(tail: bytes) -> Head:
    """Return the head that the last line makes; reading checks the lines before it, appending need not."""
    line = tail[tail.rfind(b"\n", 0, -1) + 1 :]
    if not line:
        return EMPTY
    try:
        return Head(int(json.loads(line)["position"]), hashlib.sha256(line).hexdigest())
    except (ValueError, KeyError, TypeError):
        raise JournalError("The last line of the journal of erasures is no record.") from None


def _lines(content: bytes) -> Iterator[tuple[Head, Erasure]]:
    before = EMPTY
    for line in content.splitlines(keepends=True):
        try:
            values = json.loads(line)
            erasure = Erasure(
                organisation_id=UUID(values["organisation"]),
                subject=Ref(str(values["kind"]), UUID(values["subject"])),
                erased_at=datetime.fromisoformat(values["erased_at"]),
            )
        except (ValueError, KeyError, TypeError):
            raise JournalError(f"Line {before.position + 1} of the journal of erasures is no record.") from None
        if line != _written(erasure, after=before):
            raise JournalError(f"Line {before.position + 1} of the journal of erasures does not follow the one before.")
        before = Head(before.position + 1, hashlib.sha256(line).hexdigest())
        yield before, erasure


def _written(erasure: Erasure, *, after: Head) -> bytes:
    values = {
        "position": after.position + 1,
        "organisation": str(erasure.organisation_id),
        "kind": erasure.subject.kind,
        "subject": str(erasure.subject.id),
        "erased_at": erasure.erased_at.isoformat(),
        "previous": after.digest,
    }
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"
