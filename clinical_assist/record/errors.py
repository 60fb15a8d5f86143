"""Why something about a record was refused, in words for people."""

from __future__ import annotations


class RecordError(Exception):
    """Something about a record was refused; the message says why and what to do."""


class ChangedMeanwhileError(RecordError):
    """Somebody else changed it since it was shown."""
