"""Why emergency access was refused. The messages are for people."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class BreakGlassError(Exception):
    """Base of what break-glass refuses."""


class NotCoveredError(BreakGlassError):
    """No application registered this kind of subject, or there is no such subject here."""


class NotConfirmedError(BreakGlassError):
    """The person did not prove lately who they are."""


class NotAllowedError(BreakGlassError, PermissionDenied):
    """The principal's role does not permit it, or it concerns their own access."""


class NoGrantError(BreakGlassError):
    """There is no such grant in the organisation, or it has ended."""
