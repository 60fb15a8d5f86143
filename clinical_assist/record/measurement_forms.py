"""Forms of vital signs and results, and of any kind of item by its name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinical_assist.record.forms import offer
from clinical_assist.record.item_forms import (
    AllergyForm,
    HistoryForm,
    ItemForm,
    MedicationForm,
    PregnancyForm,
    ProblemForm,
)
from clinical_assist.record.items import History, Item, Measurement
from clinical_assist.record.measures import LABORATORY, MEASURES, VITALS, Measure, value_in, written

_QUANTITY: Final = re.compile(r"\s*(-?\d+(?:[.,]\d+)?)\s*(.*?)\s*", re.DOTALL)
_BOUND: Final = re.compile(r"[<>≤≥]=?\s*\d+(?:[.,]\d+)?")
_PRESSURE: Final = re.compile(r"\s*(\d{2,3})\s*/\s*(\d{2,3})\s*(.*?)\s*", re.DOTALL)
# A weight or height that changed by more is asked about: doses go by them.
_MOST_CHANGE: Final = 1.5
# What a person may write in a form that UCUM writes otherwise.
_UCUM: Final = {
    "mmhg": "mm[Hg]", "°c": "Cel", "c": "Cel", "°f": "[degF]", "f": "[degF]", "µmol/l": "umol/L", "umol/l": "umol/L",
    "mmol/l": "mmol/L", "mg/dl": "mg/dL", "g/dl": "g/dL", "g/l": "g/L", "lb": "[lb_av]", "lbs": "[lb_av]",
    "in": "[in_i]", "10^9/l": "10*9/L", "10⁹/l": "10*9/L", "u/l": "U/L", "bpm": "/min",
}  # fmt: skip


class MeasurementForm(ItemForm):
    """One vital sign or result. A unit may stand behind the number; without one it is the usual one."""

    order = ("measure", "name", "value", "low", "high", "on")
    measure = forms.ChoiceField(label=pgettext_lazy("measured", "What"), required=False)
    value = forms.CharField(
        label=gettext_lazy("Value"),
        max_length=120,
        help_text=gettext_lazy("A number with its unit, such as 88 µmol/L, or words."),
    )
    low = forms.FloatField(label=gettext_lazy("Range from"), required=False)
    high = forms.FloatField(label=gettext_lazy("Range to"), required=False)

    def __init__(
        self, data: Any = None, *, old: Item | None = None, measures: tuple[Measure, ...] = LABORATORY
    ) -> None:
        super().__init__(data, old=old)
        choices = [(one.name, f"{one.label} ({written(one.conventional)})") for one in measures]
        offer(self, "measure", [("", _("Choose, or name it below")), *choices])
        self.fields["name"].required = False
        self.fields["on"].label = _("Measured on")
        if isinstance(old, Measurement):
            self.initial["value"] = old.text if old.value is None else f"{old.value:g} {written(old.unit)}".strip()
            self.initial["on"] = old.on[:10]

    def read(self, given: dict[str, Any]) -> None:
        measure = MEASURES.get(given["measure"])
        name = given["name"] or (str(measure.label) if measure else "")
        if not name:
            self.add_error("name", _("Name what was measured."))
            return
        given["name"] = name
        try:
            value, unit = quantity(given["value"], measure)
        except ValueError as error:
            self.add_error("value", str(error))
            return
        if given["low"] is not None and given["high"] is not None and given["low"] > given["high"]:
            self.add_error("high", _("The range ends before it begins: look at its two numbers."))
            return
        fields = self.kept(given, "measure", "low", "high")
        fields["on"] = given["on"] or timezone.localdate().isoformat()
        text = bounded(given["value"].strip(), measure) if value is None else ""
        self.item = Measurement(**fields, value=value, unit=unit, text=text)


class VitalsForm(forms.Form):
    """All vital signs of one moment; what was not measured stays empty. A valid form has its ``found``.

    ``latest`` are the values before: a weight or height far from them is taken once somebody says that it is right.
    """

    found: list[Measurement]

    def __init__(self, data: Any = None, *, latest: Iterable[Measurement] = ()) -> None:
        super().__init__(_parted(data) if data else data)
        self.latest = {one.measure: one for one in latest}
        for one in VITALS:
            hint = _("In %(unit)s; another unit may stand behind the number.") % {"unit": written(one.conventional)}
            if one.name == "systolic":
                hint = " ".join((hint, _("Or both at once: 120/80.")))
            self.fields[one.name] = forms.CharField(
                label=one.label,
                max_length=40,
                required=False,
                help_text=hint if written(one.conventional) else "",
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        self.found = []
        now = timezone.now().isoformat(timespec="seconds")
        for one in VITALS:
            text = given.get(one.name, "").strip()
            if not text:
                continue
            try:
                value, unit = quantity(text, one)
            except ValueError as error:
                self.add_error(one.name, str(error))
                continue
            if value is None:
                self.add_error(one.name, _("%(input)s needs a number.") % {"input": one.label})
                continue
            self.found.append(Measurement(name=str(one.label), measure=one.name, value=value, unit=unit, on=now))
        if not self.errors and not self.found:
            self.add_error(None, _("Nothing was measured yet: fill in at least one."))
        self._require_plausible()
        return given

    def _require_plausible(self) -> None:
        now = {one.measure: value_in(one, MEASURES[one.measure].conventional) or 0.0 for one in self.found}
        if {"systolic", "diastolic"} <= now.keys() and now["diastolic"] >= now["systolic"]:
            self.add_error("diastolic", _("The diastolic pressure is not below the systolic one: look at both."))
        for name in ("weight", "height"):
            before = self.latest.get(name)
            known = value_in(before, MEASURES[name].conventional) if before else None
            if name not in now or before is None or not known or "sure" in self.data:
                continue
            if not 1 / _MOST_CHANGE <= now[name] / known <= _MOST_CHANGE:
                self.add_error(name, _was(before, known))
                self.fields["sure"] = forms.BooleanField(label=_("The numbers are right as they stand"), required=False)


def _parted(data: Any) -> Any:
    """Return what was sent with a pressure that was written as 120/80 in its two fields."""
    found = _PRESSURE.fullmatch(data.get("systolic", ""))
    if found is None or data.get("diastolic", "").strip():
        return data
    return {**data.dict(), "systolic": f"{found[1]} {found[3]}", "diastolic": f"{found[2]} {found[3]}"}


def _was(before: Measurement, known: float) -> str:
    measure = MEASURES[before.measure]
    said = _(
        "%(input)s was %(value)s %(unit)s on %(day)s: look at the number and its unit, or say below that it is right."
    )
    return said % {
        "input": measure.label,
        "value": f"{known:g}",
        "unit": written(measure.conventional),
        "day": before.on[:10],
    }


def bounded(text: str, measure: Measure | None) -> str:
    """Return words as they are; a bound such as "<5" that names no unit with the usual one."""
    is_bound = measure is not None and _BOUND.fullmatch(text) is not None
    return f"{text} {written(measure.conventional)}".strip() if measure is not None and is_bound else text


def quantity(text: str, measure: Measure | None) -> tuple[float | None, str]:
    """Read a number with its UCUM unit; None for words.

    Raises:
        ValueError: the unit is not one of this measure, or the value is not believable.
    """
    found = _QUANTITY.fullmatch(text)
    if found is None:
        return None, ""
    value = float(found[1].replace(",", "."))
    # Folding turns the micro sign into the Greek letter.
    unit = _UCUM.get(found[2].casefold().replace("\u03bc", "\u00b5"), found[2])
    if measure is None:
        return value, unit
    unit = unit or measure.conventional
    usual = value_in(Measurement(name=measure.name, measure=measure.name, value=value, unit=unit), measure.conventional)
    if usual is None:
        raise ValueError(
            _("%(input)s: %(unit)s cannot be turned into %(wanted)s.")
            % {"input": measure.label, "unit": found[2], "wanted": written(measure.conventional) or "1"}
        )
    if not measure.low <= usual <= measure.high:
        raise ValueError(
            _("%(input)s: %(value)s %(unit)s is not between %(low)s and %(high)s: look at the number and its unit.")
            % {
                "input": measure.label,
                "value": f"{usual:g}",
                "unit": written(measure.conventional),
                "low": f"{measure.low:g}",
                "high": f"{measure.high:g}",
            }
        )
    return value, unit


FORMS: Final[dict[str, type[ItemForm]]] = {
    "problem": ProblemForm,
    "allergy": AllergyForm,
    "medication": MedicationForm,
    "laboratory": MeasurementForm,
    "vital": MeasurementForm,
    "history": HistoryForm,
    "pregnancy": PregnancyForm,
}


def form_for(kind: str, data: Any = None, *, old: Item | None = None) -> ItemForm:
    """Return the form of a kind of item; "pregnancy" is a topic of the history with a form of its own."""
    if kind == "vital":
        return MeasurementForm(data, old=old, measures=VITALS)
    if isinstance(old, History) and old.topic == "pregnancy":
        kind = "pregnancy"
    return FORMS[kind](data, old=old)


def stated(kind: str, item: Item) -> list[str]:
    """Return in the reader's words what an item says beside its name: state, certainty, severity and the like."""
    fields = FORMS[kind].base_fields if kind in FORMS else {}
    words = []
    for name, field in fields.items():
        value = getattr(item, name, "")
        if value and isinstance(field, forms.ChoiceField):
            # A value that an import brought and no form offers stands as it came.
            choices = dict(cast("Iterable[tuple[str, object]]", field.choices))
            words += [str(choices.get(value, value))] if choices else []
    return words
