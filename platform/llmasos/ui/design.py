"""The design system on one page, for developers; mounted only while debugging."""

from __future__ import annotations

import re
from pathlib import Path

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

STATIC = Path(__file__).parent / "static" / "ui"


class ExampleForm(forms.Form):
    name = forms.CharField(max_length=40, help_text="As it should appear to customers.")
    kind = forms.ChoiceField(choices=[("faq", "Questions and answers"), ("guide", "Guide")], widget=forms.RadioSelect)
    language = forms.ChoiceField(choices=[("en", "English"), ("zh-hans", "简体中文")])
    notes = forms.CharField(widget=forms.Textarea, required=False)
    document = forms.FileField(required=False)
    agreed = forms.BooleanField(label="The text may be shown to customers")


def colour_names() -> list[str]:
    """Return the names of the colour tokens in the order of the file."""
    return re.findall(r"^\s*--([a-z-]+): light-dark\(", (STATIC / "css" / "tokens.css").read_text(), re.MULTILINE)


def symbol_names() -> list[str]:
    return re.findall(r'<symbol id="([a-z-]+)"', (STATIC / "icons.svg").read_text())


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """Show every component in every state."""
    messages.success(request, "The collection was saved.")
    messages.warning(request, "Two documents have no title.")
    messages.error(request, "The file could not be read.")
    page = Paginator(range(200), 10).page(4)
    return render(
        request,
        "ui/design.html",
        {
            "colours": colour_names(),
            "symbols": symbol_names(),
            "form": ExampleForm(),
            "wrong": ExampleForm({"name": "", "kind": "faq", "language": "en"}),
            "page": page,
            "figures": [3.0, 4.0, 3.5, 6.0, 9.0, 8.0, None, 5.0, 5.5, 4.0, 7.0, 6.0],
            "headings": [{"text": "Document"}, {"text": "State"}, {"text": "Chunks", "number": True}],
            "rows": [["Returns and refunds", "Ready", "12"], ["Sizes", "Embedding", "4"]],
        },
    )
