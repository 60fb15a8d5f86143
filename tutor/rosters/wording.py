"""What a report of roster files says."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_COUNTED = (
    ("terms_added", gettext_lazy("Terms made")),
    ("terms_changed", gettext_lazy("Terms changed")),
    ("courses_added", gettext_lazy("Courses made")),
    ("courses_changed", gettext_lazy("Courses changed")),
    ("courses_archived", gettext_lazy("Courses put into the archive")),
    ("staff_added", gettext_lazy("Staff added to a course")),
    ("staff_removed", gettext_lazy("Staff taken out of a course")),
    ("learners_added", gettext_lazy("Learners made")),
    ("learners_changed", gettext_lazy("Learners changed")),
    ("added", gettext_lazy("Learners put into a course")),
    ("returned", gettext_lazy("Learners back in a course")),
    ("present", gettext_lazy("In their course already")),
    ("withdrawn", gettext_lazy("Learners taken out of a course")),
    ("guardians_linked", gettext_lazy("Guardians linked")),
)


def figures(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return what was counted, in the order in which it is done."""
    return [(str(label), counts[name]) for name, label in _COUNTED if counts.get(name)]


def failure(error_code: str, said: str) -> str:
    if error_code == "unreadable":
        return said
    if error_code == "forbidden":
        return _("You were no administrator any more when this began.")
    return _("Something went wrong on our side. Upload the files again; what was done already stays as it is.")
