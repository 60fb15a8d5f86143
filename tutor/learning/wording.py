"""Estimates in plain words, with what is not known about them."""

from __future__ import annotations

from math import ceil, floor

from django.utils.translation import gettext as _

from tutor.models import SkillMastery
from tutor.tracing.mastery import LEAST_RESPONSES

LIKELY_FROM = 0.7
"""A skill is called likely where the whole band lies at this or above."""
UNLIKELY_BELOW = 0.5
FEW, LIKELY, UNSURE, UNLIKELY = "few", "likely", "unsure", "unlikely"


def state_of(mastery: SkillMastery) -> str:
    """Return how a skill stands, by its band and not by its estimate alone."""
    if mastery.basis == "too few":
        return FEW
    if mastery.low >= LIKELY_FROM:
        return LIKELY
    return UNLIKELY if mastery.high <= UNLIKELY_BELOW else UNSURE


def said(state: str) -> str:
    """Say how a skill stands."""
    return {
        FEW: _("Too few answers to say"),
        LIKELY: _("Most likely you can do this"),
        UNSURE: _("It cannot be said yet"),
        UNLIKELY: _("Most likely not there yet"),
    }[state]


def band_in_words(mastery: SkillMastery) -> str:
    """Say what the band means for the next answers."""
    if mastery.basis == "too few":
        return _("%(count)d of at least %(least)d answers are there.") % {
            "count": mastery.responses,
            "least": LEAST_RESPONSES,
        }
    # Rounded outwards: the words must not promise more than the band.
    low, high = floor(mastery.low * 10), ceil(mastery.high * 10)
    return _("Of ten such questions you would get about %(low)d to %(high)d right.") % {"low": low, "high": high}
