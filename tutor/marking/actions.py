"""The actions of marking in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.proposals_asked", _("Proposals asked for"), operation="execute")
    register_action("tutor.answers_read", _("Answers read"), operation="read")
    register_action("tutor.proposed", _("Mark proposed"), operation="create")
    register_action("tutor.proposals_finished", _("Proposals finished"), operation="execute")
    register_action("tutor.proposals_applied", _("Proposals shown to markers"), operation="update")
    register_action("tutor.answer_read", _("Answer opened by a marker"), operation="read")
    register_action("tutor.answer_locked", _("Answer taken for marking"), operation="update")
    register_action("tutor.marked", _("Answer marked"), operation="create")
    register_action("tutor.mark_withdrawn", _("Mark withdrawn"), operation="update")
    register_action("tutor.groups_asked", _("Groups asked for"), operation="execute")
    register_action("tutor.groups_made", _("Answers grouped"), operation="update")
    register_action("tutor.group_changed", _("Group of answers changed"), operation="update")
    register_action("tutor.group_marked", _("Group of answers marked"), operation="create")
    register_action("tutor.group_undone", _("Marks of a group undone"), operation="update")
    register_action("tutor.released", _("Result released"), operation="disclose")
    register_action("tutor.release_withdrawn", _("Result withdrawn"), operation="update")
    register_action("tutor.revealed", _("Name revealed"), operation="disclose")
    register_action("tutor.regrade_asked", _("Regrade asked for"), operation="create")
    register_action("tutor.regrade_read", _("Regrade request read"), operation="read")
    register_action("tutor.regrade_answered", _("Regrade request answered"), operation="update")
    register_action("tutor.regrade_withdrawn", _("Regrade request taken back"), operation="update")
    register_action("tutor.regrade_decided", _("Regrade decided"), operation="update")
