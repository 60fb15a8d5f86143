"""The actions of learning platforms in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.lti_platform_saved", _("Learning platform registered or changed"), operation="update")
    register_action("tutor.lti_platform_removed", _("Learning platform removed"), operation="delete")
    register_action("tutor.lti_launched", _("Opened from a learning platform"), operation="sign_in")
    register_action("tutor.lti_refused", _("Launch from a learning platform refused"), operation="sign_in")
    register_action("tutor.lti_account_linked", _("Account linked with a learning platform"), operation="create")
    register_action("tutor.lti_class_connected", _("Class of a learning platform connected"), operation="update")
    register_action("tutor.lti_members_asked", _("Class list of a learning platform asked for"), operation="execute")
    register_action("tutor.lti_members_read", _("Class list of a learning platform read"), operation="update")
    register_action("tutor.lti_scores_asked", _("Scores sent to a learning platform again"), operation="execute")
    register_action("tutor.lti_score_sent", _("Score sent to a learning platform"), operation="disclose")
    register_action("tutor.lti_scores_listed", _("Scores on a learning platform read"), operation="read")
