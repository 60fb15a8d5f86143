from __future__ import annotations

from django import template

from tutor.quality import charts
from tutor.quality.figures import Estimate

register = template.Library()


@register.inclusion_tag("tutor/quality/share.html")
def share_estimate(estimate: Estimate) -> dict[str, object]:
    """Show a share from 0 to 1 in per cent, with its interval and n."""
    return {"one": estimate, "strip": charts.strip(estimate, least=0.0, most=1.0)}


@register.inclusion_tag("tutor/quality/number.html")
def number_estimate(estimate: Estimate, reach: float = 1.0) -> dict[str, object]:
    """Show a number with its interval and n, on a strip from minus to plus ``reach``."""
    return {"one": estimate, "strip": charts.strip(estimate, least=-reach, most=reach)}
