"""The actions of roster imports in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.roster_uploaded", _("Roster files uploaded"), operation="create")
    register_action("tutor.roster_applied", _("Roster files applied"), operation="update")
    register_action("tutor.learner_saved", _("Learner made or changed from roster files"), operation="update")
    register_action("tutor.roster_discarded", _("Roster files discarded"), operation="delete")
