"""Why something in marking was refused, in words for people."""

from __future__ import annotations

from django.core.exceptions import ObjectDoesNotExist
from django.utils.translation import gettext as _


class MarkingError(Exception):
    """Something in marking was refused; the message says why."""


class NotFoundError(MarkingError, ObjectDoesNotExist):
    """There is no such row that the principal may know of."""

    def __init__(self) -> None:
        super().__init__(_("There is nothing under this address."))


class RegradeClosedError(MarkingError):
    """The result is not released, the time to ask is over, or a request is open or was decided already."""
