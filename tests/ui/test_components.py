from __future__ import annotations

import re
from pathlib import Path

from django import forms
from django.contrib.staticfiles import finders
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory

ROOT = Path(__file__).resolve().parents[2]


def rendered(source: str, **context: object) -> str:
    template = engines["django"].from_string("{% load ui %}" + source)
    return str(template.render(context, RequestFactory().get("/?q=a&page=2")))


class ExampleForm(forms.Form):
    name = forms.CharField(help_text="As on the sign.")
    note = forms.CharField(required=False)


def test_a_state_is_a_shape_and_a_word() -> None:
    text = rendered('{% include "ui/components/status.html" with state="bad" text="Failed" %}')
    assert "#bad" in text
    assert "Failed" in text


def test_every_symbol_that_a_template_names_is_drawn() -> None:
    found = finders.find("ui/icons.svg")
    assert isinstance(found, str)
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', Path(found).read_text()))
    used = {
        name
        for folder in ("platform", "support_bot", "tutor", "clinical_assist")
        for path in (ROOT / folder).rglob("templates/**/*.html")
        for name in re.findall(r'(?:{% icon |icon_name=|action_icon=)"([a-z-]+)"', path.read_text())
    }
    assert used - drawn == set()


def test_a_field_is_described_by_its_hint_and_its_error() -> None:
    text = rendered('{% include "ui/components/form_fields.html" %}', form=ExampleForm({"name": ""}))
    described = re.search(r'aria-describedby="([^"]+)"', text)
    assert described is not None
    assert all(f'id="{name}"' in text for name in described[1].split())
    assert 'aria-invalid="true"' in text


def test_the_error_summary_leads_to_the_field() -> None:
    text = rendered('{% include "ui/components/error_summary.html" %}', form=ExampleForm({"name": ""}))
    assert 'role="alert"' in text
    assert 'href="#id_name"' in text


def test_a_form_without_mistakes_has_no_error_summary() -> None:
    text = rendered('{% include "ui/components/error_summary.html" %}', form=ExampleForm({"name": "x"}))
    assert text.strip() == ""


def test_a_page_link_keeps_the_rest_of_the_query() -> None:
    page = Paginator(range(100), 10).page(2)
    text = rendered('{% include "ui/components/pagination.html" %}', page=page)
    assert "?q=a&amp;page=3" in text
    assert text.count("aria-current") == 1


def test_a_line_breaks_where_nothing_was_measured() -> None:
    text = rendered('{% sparkline values "Queue time" %}', values=[1.0, 2.0, None, 3.0, 1.0])
    assert text.count("<polyline") == 2
    assert 'aria-label="Queue time"' in text


def test_a_line_survives_rows_of_noughts() -> None:
    assert "NaN" not in rendered('{% sparkline values "Runs" %}', values=[0.0, 0.0, 0.0])


def test_a_table_names_each_cell_for_narrow_screens() -> None:
    text = rendered(
        '{% data_table "Documents" headings rows %}',
        headings=[{"text": "Document"}, {"text": "Chunks", "number": True}],
        rows=[["Sizes", 4]],
    )
    assert '<th scope="row">Sizes</th>' in text
    assert 'data-label="Chunks" class="number">4</td>' in text


def test_text_in_a_component_is_escaped() -> None:
    text = rendered('{% include "ui/components/page_header.html" %}', title="<b>x</b>")
    assert "<b>" not in text
