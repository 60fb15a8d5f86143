"""Why something about practice was refused, in words for people."""

from __future__ import annotations


class PracticeError(Exception):
    """Something about practice was refused; the message says why and what to do."""
