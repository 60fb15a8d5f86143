"""Why something about learning was refused, in words for people."""

from __future__ import annotations


class LearningError(Exception):
    """Something about learning was refused; the message says why and what to do."""
