"""Forms of the oversight pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinical_assist.models import StopSwitch
from clinical_assist.models.governance import LONGEST_WORDS


class SwitchForm(forms.Form):
    """One turn of a function's switch."""

    function = forms.ChoiceField(choices=StopSwitch.Function, widget=forms.HiddenInput)
    stopped = forms.TypedChoiceField(
        choices=[("1", ""), ("0", "")], coerce=lambda one: one == "1", widget=forms.HiddenInput
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Everybody who meets the stopped function reads it. Name no patient."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class LeadForm(forms.Form):
    """Somebody to be named as medical lead."""

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ModelChoiceField(queryset=candidates, label=_("Clinician"))
