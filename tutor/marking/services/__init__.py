"""Writes of marking. Each is one transaction with its permission and its audit entry.

Marks can only be given by people: keys and the system are refused with ``PermissionDenied``.
"""

from __future__ import annotations

from tutor.marking.services.asking import open_regrade, reply_regrade, take_back_regrade
from tutor.marking.services.deciding import answer_regrade, decide_regrade
from tutor.marking.services.finals import replace_final, take_back_final
from tutor.marking.services.group_marks import (
    apply_group,
    confirm_proposals,
    preview_confirm,
    preview_group,
    undo_group_act,
)
from tutor.marking.services.groups import make_groups, merge_groups, move_members, name_group, split_group
from tutor.marking.services.locks import release_lock, take_lock
from tutor.marking.services.marks import give_mark, moderate, withdraw_mark
from tutor.marking.services.releases import release, withdraw_release
from tutor.marking.services.reveals import reveal
from tutor.marking.services.runs import apply_run, request_proposals

__all__ = [
    "answer_regrade",
    "apply_group",
    "apply_run",
    "confirm_proposals",
    "decide_regrade",
    "give_mark",
    "make_groups",
    "merge_groups",
    "moderate",
    "move_members",
    "name_group",
    "open_regrade",
    "preview_confirm",
    "preview_group",
    "release",
    "release_lock",
    "replace_final",
    "reply_regrade",
    "request_proposals",
    "reveal",
    "split_group",
    "take_back_final",
    "take_back_regrade",
    "take_lock",
    "undo_group_act",
    "withdraw_mark",
    "withdraw_release",
]
