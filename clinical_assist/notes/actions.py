"""The actions of notes in the log."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from llmasos.audit.registry import register_action


def register() -> None:
    register_action("clinical.note_drafted", _("Note drafted"), operation="create")
    register_action("clinical.note_read", _("Note read"), operation="read")
    register_action("clinical.note_saved", _("Note changed"), operation="update")
    register_action("clinical.note_followed", _("Note brought up to date with the record"), operation="update")
    register_action("clinical.note_wording_asked", _("Wording of a note asked for"), operation="execute")
    register_action("clinical.note_worded", _("Note worded by a language model"), operation="update")
    register_action("clinical.note_withdrawn", _("Draft of a note withdrawn"), operation="update")
    register_action("clinical.note_taken_back", _("Withdrawn draft of a note taken back"), operation="update")
    register_action("clinical.note_reviewed", _("Note reviewed"), operation="update")
    register_action("clinical.note_signed", _("Note signed"), operation="update")
    register_action("clinical.note_amended", _("Addendum to a note signed"), operation="create")
    register_action("clinical.note_printed", _("Note or hand-out printed"), operation="disclose")
    register_action("clinical.note_proved", _("Proof of a note exported"), operation="disclose")
