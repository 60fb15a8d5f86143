"""What can be wrong with FHIR that comes in; messages are for people and repeat nothing of what was sent."""

from __future__ import annotations


class FhirError(Exception):
    """A file or a request as a whole cannot be taken."""


class RowError(Exception):
    """One entry cannot be taken; the others can."""


class LeftOutError(Exception):
    """One entry is well formed and not what a record holds, such as a draft of an order."""


class EnteredInErrorError(RowError):
    """The source does not stand by the resource any more: what was imported of it is marked too."""
