"""Errors of the support assistant.

SupportError
├── MessageNotFoundError    no such message in this visitor's conversations
└── NotAnAnswerError        the action needs a finished (or failed) answer of the assistant
"""

from __future__ import annotations


class SupportError(Exception):
    """Root of the errors that the support assistant raises on purpose."""


class MessageNotFoundError(SupportError):
    """There is no such message among this visitor's own."""


class NotAnAnswerError(SupportError):
    """The message is not an answer in a state that allows the action."""
