from __future__ import annotations

from django.db import DatabaseError


class AuditError(Exception):
    """Base of the log's errors."""


class UnregisteredActionError(AuditError):
    """An action that no package registered cannot be recorded."""


class UnrecordableError(AuditError):
    """An entry holds something that the log does not take, such as free text or a fraction."""


class NotRecordedError(AuditError, DatabaseError):
    """The database did not take an entry, so what it was to record must not happen."""


class UnsignableLogError(AuditError):
    """A log does not continue what was signed of it, so no checkpoint of it is made."""


class UnprovableError(AuditError):
    """Something asked for cannot be proved. The message says why and what to do."""
