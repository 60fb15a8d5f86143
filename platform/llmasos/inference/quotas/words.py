"""What a person or a program is told whose limit is reached."""

from __future__ import annotations

from datetime import UTC

from django.utils.translation import gettext as _

from llmasos.inference.errors import QuotaExceeded
from llmasos.inference.models import Measure, Period


def told(error: QuotaExceeded) -> str:
    """Return which limit is reached, how far, and until when."""
    if not error.measure:
        return _("A limit on the use of models is reached. Try again later.")
    name = limit_name(error.measure, error.period)
    values = {"limit": name, "amount": error.amount, "used": error.used, "wanted": error.wanted}
    reached = (
        _("A limit of this API key is reached: %(limit)s, %(used)d of %(amount)d used.")
        if error.by_program
        else _("A limit of your organisation is reached: %(limit)s, %(used)d of %(amount)d used.")
    ) % values
    if error.until is None:
        return reached + " " + _("Try again when one of the running requests has ended.")
    if error.measure == Measure.TOKENS and error.wanted > error.amount:
        advice = _("This request may take %(wanted)d tokens, more than the limit ever allows: ask for fewer.") % values
        return f"{reached} {advice}"
    if error.measure == Measure.TOKENS:
        reached += " " + _("This request may take %(wanted)d tokens.") % values
    until = f"{error.until.astimezone(UTC):%Y-%m-%d %H:%M}"
    return reached + " " + _("It is free again at %(time)s UTC.") % {"time": until}


def limit_name(measure: str, period: str) -> str:
    """Return what a limit is of, for people: requests a minute, tokens a month, requests at once."""
    names: dict[tuple[str, str], str] = {
        (Measure.REQUESTS, Period.MINUTE): _("requests a minute"),
        (Measure.REQUESTS, Period.DAY): _("requests a day"),
        (Measure.REQUESTS, Period.MONTH): _("requests a month"),
        (Measure.TOKENS, Period.MINUTE): _("tokens a minute"),
        (Measure.TOKENS, Period.DAY): _("tokens a day"),
        (Measure.TOKENS, Period.MONTH): _("tokens a month"),
        (Measure.CONCURRENT, ""): _("requests at once"),
    }
    return names[measure, period]
