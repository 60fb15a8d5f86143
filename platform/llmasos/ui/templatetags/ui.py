from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.core.paginator import Page
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from llmasos.audit.context import current

register = template.Library()

STYLE_SHEETS = (
    *("tokens", "base", "layout", "buttons", "forms", "tables", "panels", "figures", "doors", "welcome"),
    *("origin", "status", "dialog", "toast", "citations", "empty", "skeleton", "pagination", "account", "search"),
)
SCRIPTS = ("menus", "theme", "dialog", "toast", "copy", "shortcuts", "search", "leave", "offline")


@register.simple_tag
def style_sheets() -> SafeString:
    """Link the design system, tokens first: the first sheet names the order of the layers."""
    return format_html_join(
        "\n  ",
        '<link rel="stylesheet" href="{}">',
        ((static(f"ui/css/{name}.css"),) for name in STYLE_SHEETS),
    )


@register.simple_tag
def page_scripts() -> SafeString:
    """Link the small scripts that every page enhances itself with."""
    return format_html_join(
        "\n  ", '<script src="{}" defer></script>', ((static(f"ui/js/{name}.js"),) for name in SCRIPTS)
    )


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a symbol of the sprite; decorative unless it has a ``label``."""
    reference = f"{static('ui/icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"/></svg>', label, reference)
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"/></svg>', reference)


@register.simple_tag
def request_id() -> str:
    """Return the id under which this request is found in both logs and in the console."""
    return current().request_id


@register.inclusion_tag("ui/components/sparkline.html")
def sparkline(values: Sequence[float | None], label: str, low: float = 0.0) -> dict[str, Any]:
    """Draw a row of figures as a line of 100 by 24 units; gaps where a value is missing.

    ``label`` says in words what the line shows: it is the text alternative.
    """
    present = [value for value in values if value is not None]
    high = max([*present, low + 1e-9])
    step = 100 / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    for position, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            height = 23 - 22 * (value - low) / (high - low)
            runs[-1].append(f"{position * step:.2f},{height:.2f}")
    lines = [
        {
            "points": " ".join(run),
            "area": f"{run[0].split(',')[0]},23 {' '.join(run)} {run[-1].split(',')[0]},23",
        }
        for run in runs
        if len(run) > 1
    ]
    return {"lines": lines, "label": label}


@register.inclusion_tag("ui/components/table.html")
def data_table(
    caption: str, headings: Sequence[dict[str, Any]], rows: Sequence[Sequence[object]], element_id: str = ""
) -> dict[str, Any]:
    """Draw a table: ``headings`` are {"text", "number"}; ``rows`` hold cells in that order, the row's name first."""
    paired = [list(zip(headings, row, strict=True)) for row in rows]
    return {"caption": caption, "headings": headings, "rows": paired, "id": element_id}


@register.simple_tag(takes_context=True)
def page_query(context: template.Context, number: int) -> str:
    """Return the present query string with another page number."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else None
    if query is None:
        return f"?page={number}"
    query["page"] = str(number)
    return f"?{query.urlencode()}"


@register.simple_tag
def page_numbers(page: Page[Any]) -> list[int | str]:
    """Return the page numbers to link, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))
