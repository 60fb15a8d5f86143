from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from llmasos.privacy.deidentification.queries import Rules
from llmasos.privacy.deidentification.transforming import Treatment
from llmasos.privacy.deidentification.types import EntityType

PREVIEW_CHARACTERS = 20_000


class PreviewForm(forms.Form):
    """A text to try the policy on. It is used once and kept nowhere."""

    text = forms.CharField(
        label=_("Text"),
        max_length=PREVIEW_CHARACTERS,
        help_text=_("It is neither stored nor logged. Use a made-up text where you can."),
        widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off", "spellcheck": "false"}),
    )


class PolicyForm(forms.Form):
    """What is done with each type, from which score on, and whether prompts to outside models pass through it."""

    protects_outside = forms.BooleanField(
        label=_("De-identify prompts before they go to a model outside this installation"), required=False
    )
    threshold = forms.FloatField(
        label=_("Least score"),
        min_value=0.0,
        max_value=1.0,
        help_text=_("From 0 to 1. Lower finds more and is wrong more often; check digits score 1."),
        widget=forms.NumberInput(attrs={"step": "0.05"}),
    )

    def __init__(self, *args: Any, rules: Rules, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["threshold"].initial = rules.threshold
        self.fields["protects_outside"].initial = rules.protects_outside
        for kind in EntityType:
            choices = [one for one in Treatment.choices if kind != EntityType.KNOWN or one[0] != Treatment.KEEP]
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=choices, initial=rules.treatment(kind.value)
            )

    @property
    def treatments(self) -> dict[str, str]:
        return {kind: self.cleaned_data[kind] for kind in EntityType.values}
