from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def points(value: Decimal | float | None) -> str:
    """Write points as people do: 2, 1.5, 0.25; a dash for none."""
    if value is None:
        return "–"
    exact = Decimal(str(value)).quantize(Decimal("0.01")).normalize()
    places = max(0, -int(exact.as_tuple().exponent))
    return number_format(exact, decimal_pos=places, use_l10n=True)


@register.filter
def percent(share: float | None) -> str:
    """Write a share from 0 to 1 in whole per cent, with a space that does not break."""
    return "–" if share is None else f"{number_format(round(100 * share), use_l10n=True)}\N{NO-BREAK SPACE}%"


@register.filter
def exactly(words: str) -> SafeString:
    """Write words so that the browser keeps every character: it would turn carriage returns into line feeds."""
    return mark_safe(escape(words).replace("\r", "&#13;"))  # noqa: S308 - escaped just before
