"""What people type on the pages of plans."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical_assist.models import Patient, PlanLine
from clinical_assist.plans.services import LONGEST_TEXT
from clinical_assist.record.confirming import Confirmed


class LineForm(forms.Form):
    """A line by hand. ``offers_unchecked`` shows the way for a medicine that the library does not know."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=PlanLine.Kind.choices)
    text = forms.CharField(
        label=gettext_lazy("What is to be done"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("A medicine with dose and how often, such as “amoxicillin 500 mg three times a day”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(label=gettext_lazy("For how many days"), min_value=1, max_value=730, required=False)
    unchecked = forms.BooleanField(label=gettext_lazy("Take it as written: nothing of it is checked"), required=False)

    def __init__(self, data: Any = None, *, offers_unchecked: bool = False) -> None:
        super().__init__(data)
        if not offers_unchecked:
            del self.fields["unchecked"]


class ChangeForm(LineForm):
    """A line that is changed: its kind stays."""

    kind = None  # type: ignore[assignment]

    def __init__(self, data: Any) -> None:
        super().__init__(data, offers_unchecked=True)


class SignForm(forms.Form):
    """Whose plan it is, typed by the signer; ``revision`` is what they have read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    birth_date = forms.DateField(
        label=gettext_lazy("The patient's date of birth"),
        help_text=gettext_lazy("Ask the patient, and type what they say: year, month, day, such as 1958-04-02."),
        widget=forms.DateInput(attrs={"autocomplete": "off", "placeholder": "YYYY-MM-DD"}),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y年%m月%d日"],
    )
    family_name = forms.CharField(
        label=gettext_lazy("Family name of the patient"),
        help_text=gettext_lazy("No date of birth is recorded: type the name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, patient: Patient, data: Any = None, *, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        del self.fields["birth_date" if patient.birth_date is None else "family_name"]

    def confirmed(self, proved_at: datetime | None) -> Confirmed:
        given = self.cleaned_data
        return Confirmed(given.get("birth_date"), given.get("family_name", ""), proved_at)


class ReviewForm(forms.Form):
    """What somebody found about a rule."""

    rule = forms.CharField(max_length=200, widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("What was found, and what is done about it"),
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write what was found.")},
    )


def span_of(text: str) -> int:
    """Return the days that a reader chose for figures; 90 where they chose none that is offered."""
    return int(text) if text in {str(days) for days, _label in spans()} else 90


def spans() -> list[tuple[int, str]]:
    """Return the ranges of days that figures are shown for."""
    return [(30, _("30 days")), (90, _("90 days")), (365, _("A year"))]
