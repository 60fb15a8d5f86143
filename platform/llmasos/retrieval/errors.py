from __future__ import annotations


class RetrievalError(Exception):
    """Root of what this package raises on purpose; the message is for the person who asked."""


class ImportRefusedError(RetrievalError):
    """Nothing of the source can be imported."""


class WorkersMissingError(RetrievalError):
    """No worker runs that could do the work."""
