"""The action of exporting one's own record in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("tutor.own_record_exported", _("Own record downloaded"), operation="disclose")
