"""Writes of marking. Each is one transaction with its permission and its audit entry.

Marks can only be given by people: keys and the system are refused with ``PermissionDenied``.
"""

from __future__ import annotations

from tutor.marking.services.asking import open_regrade, reply_regrade, take_back_regrade
from tutor.marking.services.deciding import answer_regrade, decide_regrade
from tutor.marking.services.locks import release_lock, take_lock
from tutor.marking.services.marks import give_mark, moderate, withdraw_mark
from tutor.marking.services.releases import release, withdraw_release
from tutor.marking.services.reveals import reveal
from tutor.marking.services.runs import apply_run, request_proposals

__all__ = [
    "answer_regrade",
    "apply_run",
    "decide_regrade",
    "give_mark",
    "moderate",
    "open_regrade",
    "release",
    "release_lock",
    "reply_regrade",
    "request_proposals",
    "reveal",
    "take_back_regrade",
    "take_lock",
    "withdraw_mark",
    "withdraw_release",
]
