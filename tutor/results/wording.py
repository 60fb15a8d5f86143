"""Who decided on a mark and how sure the machine was, in plain words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from tutor.models import CourseStaff, Mark, Proposal

SURE = 0.85
UNSURE = 0.6


def role_in_words(role: str) -> str:
    """Return who it was, by their part in the course; without one it was somebody of the school."""
    if role == CourseStaff.Role.TEACHER:
        return _("a teacher")
    if role == CourseStaff.Role.ASSISTANT:
        return _("an assistant")
    if role == CourseStaff.Role.SECOND_MARKER:
        return _("a second marker")
    return _("the staff")


def decision(mark: Mark, role: str) -> str:
    """Say who decided on the mark, and what the machine had to do with it."""
    who = role_in_words(role)
    origin = Mark.Origin
    sentences = {
        origin.OWN: _("Marked by %(who)s."),
        origin.CONFIRMED: _("The machine proposed this mark; %(who)s checked and confirmed it."),
        origin.OVERRIDDEN: _("The machine proposed another mark; %(who)s decided on this one."),
        origin.GROUP: _("Marked by %(who)s, together with answers that say the same."),
        origin.MODERATED: _("Marked by two people; %(who)s decided between them."),
        origin.REGRADED: _("Looked at again because it was asked for; decided by %(who)s."),
        origin.IMPORTED: _("Marked by %(who)s outside this system."),
    }
    return sentences[origin(mark.origin)] % {"who": who}


def certainty(proposal: Proposal | None) -> str:
    """Say how sure the machine was; nothing where it had no part."""
    if proposal is None:
        return ""
    if proposal.decision == Proposal.Decision.NONE:
        return _("The machine made no proposal here and left it to people.")
    if proposal.confidence >= SURE:
        return _("The machine was rather sure of its proposal. It can be wrong all the same: a person decided.")
    if proposal.confidence >= UNSURE:
        return _("The machine was not quite sure of its proposal. A person decided.")
    return _("The machine was unsure of its proposal. A person decided.")


def feedback_origin(mark: Mark, role: str) -> str:
    """Say by whom the feedback is."""
    if not mark.feedback:
        return ""
    who = role_in_words(role)
    if mark.feedback_drafted:
        return _("Drafted by the machine (AI); checked, and edited where needed, by %(who)s.") % {"who": who}
    return _("Written by %(who)s.") % {"who": who}
