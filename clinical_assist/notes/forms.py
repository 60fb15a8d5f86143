"""What the note's pages send."""

from __future__ import annotations

import re
from typing import Final

from django import forms
from django.core.validators import MaxLengthValidator
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from clinical_assist.models import Patient
from clinical_assist.notes.services import Field, Written

_KEY: Final = re.compile(r"[0-9a-f]{16,32}")


def written_of(data: QueryDict) -> Written:
    """Read the form of a draft: ``text-KEY`` with ``was-KEY`` and ``section-KEY``; ``pasted``; keys in ``opened``."""
    keys = [name.removeprefix("text-") for name in data if name.startswith("text-")]
    keys = [key for key in keys if _KEY.fullmatch(key)]
    pasted = data.get("pasted")
    return Written(
        texts={key: Field(_text(data, f"text-{key}"), data.get(f"was-{key}", "")) for key in keys},
        added={key: data.get(f"section-{key}", "") for key in keys},
        pasted=None if pasted is None else Field(_text(data, "pasted"), data.get("was-pasted", "")),
        opened=frozenset(key for key in data.getlist("opened") if _KEY.fullmatch(key)),
    )


def _text(data: QueryDict, name: str) -> str:
    return data.get(name, "").replace("\r\n", "\n").replace("\x00", "")


class SignForm(forms.Form):
    """Confirms whose note it is: by the day of birth, by the family name where none is recorded."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    birth_date = forms.DateField(
        label=_("The patient's date of birth"),
        help_text=_("Ask the patient, or read it from the wristband or the card: not from this page."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}),
    )
    family_name = forms.CharField(
        label=_("The patient's family name"),
        help_text=_("No date of birth is recorded, so the name confirms whose note it is."),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: QueryDict | None, *, patient: Patient, revision: int) -> None:
        super().__init__(data, initial={"revision": revision})
        self.fields.pop("family_name" if patient.birth_date is not None else "birth_date")


class AddendumForm(forms.Form):
    """What is added to a signed note."""

    text = forms.CharField(
        label=_("Addendum"),
        help_text=_("It is signed with your name and the time, and stands below the note. The note itself stays."),
        # Not as max_length: a browser would cut what is pasted without a word.
        validators=[MaxLengthValidator(10_000)],
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
