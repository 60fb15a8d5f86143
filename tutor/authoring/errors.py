"""Why something about set work was refused, in words for people."""

from __future__ import annotations


class AuthoringError(Exception):
    """Something about an assignment or a question was refused; the message says why and what to do."""
