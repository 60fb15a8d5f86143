from __future__ import annotations


class NotProvableYetError(Exception):
    """The mark's entries are not under a signed checkpoint yet. The message is for people."""
