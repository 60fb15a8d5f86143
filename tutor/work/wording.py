"""Rules and refusals of work in plain words."""

from __future__ import annotations

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tutor.work import errors
from tutor.work.lateness import LatePolicy
from tutor.work.writing import LONGEST_TEXT


def rules(policy: LatePolicy) -> list[str]:
    """Return what holds for a deadline, a sentence each."""
    if policy.due_at is None:
        return [_("There is no deadline.")]
    said = []
    minutes = int(policy.grace.total_seconds()) // 60
    if minutes:
        said.append(
            ngettext(
                "Up to %(number)d minute after the deadline still counts as in time.",
                "Up to %(number)d minutes after the deadline still counts as in time.",
                minutes,
            )
            % {"number": minutes}
        )
    if policy.days_allowed:
        said.append(
            ngettext(
                "Late work is taken for %(number)d day after the deadline.",
                "Late work is taken for %(number)d days after the deadline.",
                policy.days_allowed,
            )
            % {"number": policy.days_allowed}
        )
        if policy.percent_per_day:
            said.append(
                _("Each day that has begun takes off %(percent)d %% of the points that you reach.")
                % {"percent": policy.percent_per_day}
            )
        else:
            said.append(_("Nothing is taken off for that."))
    else:
        said.append(_("Late work is not taken."))
    said.append(_("What counts is when you last changed an answer, not when you hand in."))
    said.append(_("When the time is over, what is saved is handed in for you as it stands."))
    return said


def of_error(error: errors.WorkError) -> str:
    """Return a sentence for the learner."""
    if isinstance(error, errors.UploadError):
        return str(error)
    if isinstance(error, errors.InvalidAnswerError):
        if error.code == "long":
            return _("An answer takes %(number)s characters at most.") % {"number": f"{LONGEST_TEXT:,}"}
        return _("Choose one of the options.") if error.code == "single" else _("This cannot be chosen.")
    if isinstance(error, errors.NotOpenError):
        if error.opens_at is None:
            return _("This is not open yet.")
        moment = date_format(timezone.localtime(error.opens_at), "DATETIME_FORMAT")
        return _("This opens on %(moment)s.") % {"moment": moment}
    return str(_WORDS[type(error)]())


_WORDS = {
    errors.ClosedError: lambda: _("The time for this is over. What was saved is handed in as it stands."),
    errors.HandedInError: lambda: _("This was handed in; nothing in it changes any more."),
    errors.NoAttemptLeftError: lambda: _("You have used all attempts."),
    errors.ConflictError: lambda: _("This answer was changed elsewhere, in another window or on another device."),
}
