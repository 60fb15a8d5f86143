"""What the pages of acts on many rows say."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutor.bulk.acts import STOPPED

BACK: Final = {
    "tutor:release": gettext_lazy("Release results"),
    "tutor:marks": gettext_lazy("Mark outside"),
    "tutor:roster": gettext_lazy("Learners"),
    "tutor:desk_groups": gettext_lazy("Groups of answers"),
}
"""What the pages are called from which acts are asked for."""


def failure(error_code: str, said: str) -> str:
    """Say why an act did not come to its end."""
    if error_code == "refused":
        return said
    if error_code == STOPPED:
        return _("Stopped before its end.")
    if error_code == "forbidden":
        return _("You had no right to this any more when it began.")
    if error_code == "gone":
        return _("Something that it was about is there no more, or you may not see it any more.")
    return _("Something went wrong on our side. Ask for it again; if it happens again, tell who runs this system.")
