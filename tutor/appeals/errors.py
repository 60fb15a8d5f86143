from __future__ import annotations


class AppealError(Exception):
    """There is no proof to hand out. The message is for people."""


class NotProvableYetError(AppealError):
    """The mark's entries are not under a signed checkpoint yet."""


class NameHiddenError(AppealError):
    """The proof says whose the work is, which the marker has not had revealed."""
