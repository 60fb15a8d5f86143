"""The form on which a pupil types what stands on the card."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CardForm(forms.Form):
    code = forms.CharField(
        label=_("Class code"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    number = forms.CharField(label=_("Number"), max_length=120, widget=forms.TextInput({"autocomplete": "off"}))
    pin = forms.CharField(
        label=_("PIN"),
        max_length=12,
        widget=forms.PasswordInput({"autocomplete": "off", "inputmode": "numeric"}),
    )
