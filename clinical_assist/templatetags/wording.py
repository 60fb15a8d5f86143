"""Names of conditions, findings and red flags in the reader's language, and amounts as they are safely read."""

from __future__ import annotations

from django import template

from clinical_assist.calculators.forms import unit_words
from clinical_assist.knowledge import wording
from clinical_assist.medicines.ordering import in_words

register = template.Library()
register.filter("said", wording.said)
register.filter("named", wording.named)
register.filter("asked", wording.asked)
register.filter("unit_words", unit_words)
register.filter("in_words", in_words)


@register.filter
def amount(value: float) -> str:
    """Write an amount without zeros behind the point, which have been read as ten times as much."""
    return f"{value:.10g}"
