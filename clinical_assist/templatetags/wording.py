"""Names of conditions, findings and red flags in the reader's language."""

from __future__ import annotations

from django import template

from clinical_assist.knowledge import wording

register = template.Library()
register.filter("said", wording.said)
register.filter("asked", wording.asked)
