"""A form for each calculator, made from its inputs."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from clinical_assist.calculators.reading import InputsError, calculate
from clinical_assist.calculators.types import Calculator, CalculatorError, Input, Result


class CalculatorForm(forms.Form):
    """The inputs of one calculator. A valid form has its ``result``."""

    result: Result

    def __init__(self, calculator: Calculator, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.calculator = calculator
        for one in calculator.inputs:
            self.fields[one.name] = _field(one)

    def clean(self) -> None:
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        if self.errors:
            return
        try:
            self.result = calculate(self.calculator, given)
        except InputsError as error:
            for name, problem in error.problems.items():
                self.add_error(name, problem)
        except CalculatorError as error:
            self.add_error(None, str(error))


def _field(one: Input) -> forms.Field:
    match one.kind:
        case "flag":
            return forms.BooleanField(label=one.label, required=False)
        case "choice":
            choices = [*([] if one.required else [("", gettext_lazy("Not given"))]), *one.choices]
            return forms.ChoiceField(label=one.label, choices=choices, required=one.required)
        case "date":
            return forms.DateField(
                label=one.label, required=one.required, widget=forms.DateInput(attrs={"type": "date"})
            )
        case "number":
            return forms.CharField(
                label=one.label,
                required=one.required,
                max_length=40,
                help_text=_hint(one),
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )


def unit_words(unit: str) -> str:
    """Return a UCUM unit of a calculator as people write it."""
    words = {
        "year": _("years"),
        "Cel": "°C",
        "/min": pgettext("unit", "a minute"),
        "d": pgettext("unit", "days"),
        "/d": _("a day"),
    }
    return words.get(unit) or unit.replace("m2", "m²")


def _hint(one: Input) -> str:
    if not one.unit:
        return ""
    return _("In %(unit)s; another unit may stand behind the number.") % {"unit": unit_words(one.unit)}
