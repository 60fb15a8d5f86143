"""Why work is not taken."""

from __future__ import annotations

from datetime import datetime

from tutor.work.writing import Written


class WorkError(Exception):
    """Something about the work forbids it; the classes below say what."""


class NotOpenError(WorkError):
    """The assignment is not open yet."""

    def __init__(self, opens_at: datetime | None) -> None:
        super().__init__("not open yet")
        self.opens_at = opens_at


class ClosedError(WorkError):
    """The time for this work is over."""


class HandedInError(WorkError):
    """The attempt was handed in; nothing in it changes."""


class NoAttemptLeftError(WorkError):
    """All attempts were used."""


class InvalidAnswerError(WorkError):
    """The answer cannot be taken; ``code`` is "long", "choice" or "single"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ConflictError(WorkError):
    """The answer was changed elsewhere since; ``stored`` is what stands there now."""

    def __init__(self, stored: Written, *, revision: int, saved_at: datetime) -> None:
        super().__init__("changed elsewhere")
        self.stored = stored
        self.revision = revision
        self.saved_at = saved_at


class UploadError(WorkError):
    """A file is not taken; the message is for who uploads it."""
