"""Why something about personal data was refused. The messages are for people."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied


class PrivacyError(Exception):
    """Base of what the privacy services refuse."""


class NotAllowedError(PrivacyError, PermissionDenied):
    """The principal does not have the role that this needs."""


class UnknownSubjectError(PrivacyError):
    """The organisation knows nobody of that kind and id."""


class ErasureBlockedError(PrivacyError):
    """A legal hold, or what the subject still does here, forbids the erasure. The message says which."""


class ErasureIncompleteError(PrivacyError):
    """A store still holds something of the subject after it was erased; the erasure goes on later."""


class NotSignedYetError(PrivacyError):
    """No signed checkpoint covers the report of the erasure yet."""


class RequestClosedError(PrivacyError):
    """The request was decided already."""


class PeriodError(PrivacyError):
    """The period is shorter than the class allows, or the class does not exist."""


class ConsentError(PrivacyError):
    """There is no such text, or no such consent to withdraw."""
