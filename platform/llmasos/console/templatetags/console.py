from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django import template
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from llmasos.console.pages import PAGES, InstallationPage
from llmasos.inference.models import ModelTask

register = template.Library()

JUST_NOW_SECONDS = 5


@register.filter
def ago(seconds: float) -> str:
    """Say how long ago in whole steps, so that a page that stands still does not change each second."""
    if seconds < JUST_NOW_SECONDS:
        return _("now")
    return _("%(time)s ago") % {"time": duration(seconds)}


@register.filter
def duration(seconds: float) -> str:
    """Name a time by its largest unit."""
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", int(seconds)) % {"n": int(seconds)}
    if seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds < 172_800:
        hours = int(seconds // 3600)
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = int(seconds // 86_400)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.filter
def moment(value: datetime, written: str = "H:i") -> str:
    """Write a time of today without its date; ``written`` is Django's format of the clock."""
    local = timezone.localtime(value)
    clock = date_format(local, written)
    if local.date() == timezone.localdate():
        return clock
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {clock}"


@register.filter
def since_epoch(seconds: float) -> datetime:
    """Turn seconds since 1970 into a time."""
    return datetime.fromtimestamp(seconds, tz=UTC)


@register.filter
def run_state(state: str) -> str:
    """Return the shape that goes with how a run ended."""
    return {"done": "good", "failed": "bad", "cancelled": "idle"}.get(state, "caution")


@register.filter
def model_task(task: str) -> str:
    """Name what a model is for."""
    return str(ModelTask(task).label) if task in ModelTask.values else task


@register.simple_tag(takes_context=True)
def installation_pages(context: template.Context) -> list[tuple[InstallationPage, bool]]:
    """Return the pages for operators, each with whether it is the one at hand."""
    request = context.get("request")
    path = request.path if request is not None else ""
    here = max((page.href for page in PAGES if path.startswith(page.href)), key=len, default="")
    return [(page, page.href == here) for page in PAGES]


@register.filter
def milliseconds(value: float | None) -> str:
    """Write a time with a decimal only where it says something; a dash where nothing was measured."""
    if value is None:
        return "–"
    return number_format(value, 1) if value < 10 else str(intcomma(round(value)))


@register.simple_tag
def series_text(name: str, values: Sequence[float | None], unit: str) -> str:
    """Say in words what a line shows."""
    present = [value for value in values if value is not None]
    if not present:
        return _("%(name)s: nothing measured in the last hour") % {"name": name}
    return _("%(name)s in the last hour: lowest %(low)s, highest %(high)s, last %(last)s %(unit)s") % {
        "name": name,
        "low": milliseconds(min(present)),
        "high": milliseconds(max(present)),
        "last": milliseconds(present[-1]),
        "unit": unit,
    }
