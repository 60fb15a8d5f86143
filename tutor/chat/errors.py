"""Why the chat refused something, in words for people."""

from __future__ import annotations


class ChatError(Exception):
    """The chat refused something; the message says why and what to do."""
