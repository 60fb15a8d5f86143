"""The form of the check of medicines."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinical_assist.medicines.library import library
from clinical_assist.medicines.naming import reaction_asked
from clinical_assist.medicines.ordering import read_order
from clinical_assist.medicines.types import Order, Patient

_MOST_LINES = 40
_YES_NO = (("", gettext_lazy("Unknown")), ("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes")))
_KNOWN = {"": None, "no": False, "yes": True}


def _lines(rows: int, label: Any, *, required: bool = False, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=4_000,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, "autocomplete": "off"}),
    )


def _number(label: Any, low: float, high: float, help_text: Any = "") -> forms.FloatField:
    return forms.FloatField(label=label, required=False, min_value=low, max_value=high, help_text=help_text)


class CheckForm(forms.Form):
    """Orders, and what is known of the patient. A valid form has ``patient``, ``orders`` and ``questions``."""

    orders_text = _lines(
        4, gettext_lazy("Orders"), required=True,
        help_text=gettext_lazy("One a line, such as “amoxicillin 500 mg three times a day”."),
    )  # fmt: skip
    takes_text = _lines(3, gettext_lazy("Taken already"), help_text=gettext_lazy("One medicine a line."))
    allergies_text = _lines(
        2, gettext_lazy("Reactions to medicines"), help_text=gettext_lazy("One a line: a medicine or a class.")
    )
    problems = forms.MultipleChoiceField(label=gettext_lazy("Problems"), required=False)
    age = _number(gettext_lazy("Age in years"), 0, 120)
    weight = _number(gettext_lazy("Weight in kg"), 0.3, 400)
    sex = forms.ChoiceField(
        label=gettext_lazy("Sex in the record"), required=False,
        choices=(("", gettext_lazy("Unknown")), ("female", gettext_lazy("Female")), ("male", gettext_lazy("Male"))),
    )  # fmt: skip
    pregnant = forms.ChoiceField(label=gettext_lazy("Pregnant"), choices=_YES_NO, required=False)
    breastfeeds = forms.ChoiceField(label=gettext_lazy("Breastfeeds"), choices=_YES_NO, required=False)
    clearance = _number(
        gettext_lazy("Creatinine clearance in mL/min"), 0, 250,
        gettext_lazy("The calculator of that name computes it."),
    )  # fmt: skip
    potassium = _number(gettext_lazy("Potassium in mmol/L"), 1, 12)
    sodium = _number(gettext_lazy("Sodium in mmol/L"), 90, 210)
    inr = _number(gettext_lazy("INR"), 0.5, 20)
    qtc = _number(gettext_lazy("Corrected QT in ms"), 200, 800)

    patient: Patient
    orders: list[Order]
    questions: list[str]

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        problems = sorted({name for one in library().medicines.values() for name, _tier in one.problems})
        self.fields["problems"].choices = [(name, name) for name in problems]  # type: ignore[attr-defined]

    def clean(self) -> None:
        given, self.questions = self.cleaned_data, []
        for name in ("orders_text", "takes_text", "allergies_text"):
            if len(_written(given.get(name, ""))) > _MOST_LINES:
                self.add_error(name, _("At most %(most)s lines.") % {"most": _MOST_LINES})
        if self.errors:
            return
        self.orders = self._read(given["orders_text"])
        self.patient = Patient(
            age=given["age"],
            sex=given["sex"],
            weight=given["weight"],
            clearance=given["clearance"],
            is_pregnant=_KNOWN[given["pregnant"]],
            breastfeeds=_KNOWN[given["breastfeeds"]],
            allergies=tuple(self._reactions(given["allergies_text"])),
            problems=frozenset(given["problems"]),
            laboratory={name: given[name] for name in ("potassium", "sodium", "inr", "qtc") if given[name] is not None},
            takes=tuple(self._read(given["takes_text"])),
        )

    def _read(self, text: str) -> list[Order]:
        read = [read_order(line) for line in _written(text)]
        self.questions += [question for one in read for question in one.questions]
        return [one.order for one in read if one.order is not None]

    def _reactions(self, text: str) -> list[Any]:
        found = []
        for line in _written(text):
            reaction, question = reaction_asked(line)
            self.questions += [question] if question else []
            found += [reaction] if reaction is not None else []
        return found


def _written(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
