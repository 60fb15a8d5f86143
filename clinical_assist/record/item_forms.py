"""Forms of items, one a kind. A valid form has its ``item``; what is not clear about a medicine is asked."""

from __future__ import annotations

import re
from abc import abstractmethod
from datetime import date
from typing import Any, ClassVar, Final

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from clinical_assist.medicines.naming import medicine_named, reaction_named
from clinical_assist.medicines.ordering import read_order
from clinical_assist.record.forms import day_field
from clinical_assist.record.items import Allergy, History, Item, Medication, Problem

_DAY: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
NONE_OF_THESE: Final = "-"


class ItemForm(forms.Form):
    """What all kinds share. ``name``, ``on`` (a day, a month or a year) and ``note`` are in each item."""

    item: Item
    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)
    on = forms.CharField(
        label=gettext_lazy("Since"),
        max_length=10,
        required=False,
        help_text=gettext_lazy("A day (2026-03-31), a month (2026-03) or a year."),
    )
    note = forms.CharField(
        label=gettext_lazy("Remark"), max_length=1_000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    order: ClassVar[tuple[str, ...]] = ()

    def __init__(self, data: Any = None, *, old: Item | None = None) -> None:
        super().__init__(data, initial=old.content() if old else None)
        self.old = old
        self.order_fields(self.order)

    def clean_on(self) -> str:
        text = str(self.cleaned_data["on"]).strip()
        if text and not is_day(text):
            raise forms.ValidationError(_("Write a day such as 2026-03-31, a month such as 2026-03, or a year."))
        if text > timezone.localdate().isoformat():
            raise forms.ValidationError(_("This day has not come yet."))
        return text

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            self.read(given)
        return given

    @abstractmethod
    def read(self, given: dict[str, Any]) -> None:
        """Make the ``item`` of what was given, or add errors."""

    def kept(self, given: dict[str, Any], *names: str) -> dict[str, Any]:
        """Return fields of the item; the codings of the old one stay while its name does."""
        values = {name: given[name] for name in ("name", "on", "note", *names)}
        if self.old is not None and self.old.name == given["name"]:
            values["codings"] = self.old.codings
        return values


class ProblemForm(ItemForm):
    order = ("name", "on", "status", "verification")
    status = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[
            ("active", pgettext_lazy("of a problem", "active")),
            ("inactive", gettext_lazy("inactive")),
            ("resolved", gettext_lazy("resolved")),
        ],
    )
    verification = forms.ChoiceField(
        label=gettext_lazy("How certain"),
        choices=[
            ("confirmed", gettext_lazy("confirmed")),
            ("provisional", gettext_lazy("provisional")),
            ("refuted", gettext_lazy("refuted")),
        ],
    )

    def read(self, given: dict[str, Any]) -> None:
        self.item = Problem(**self.kept(given, "status", "verification"))


class MedicineAskingForm(ItemForm):
    """A form with a name that may be a medicine's: a misspelt one is asked about in ``meant`` before it is taken."""

    meant = forms.CharField(label=gettext_lazy("Which is meant?"), required=False, widget=forms.HiddenInput)

    def asked(self, given: dict[str, Any], suggestions: tuple[str, ...]) -> None:
        """Put the choice in place of the name; as long as nothing was chosen, ask by an error."""
        choices = [*((one, one) for one in suggestions), (NONE_OF_THESE, _("none of these"))]
        self.fields["meant"].widget = forms.RadioSelect(choices=choices)
        self.fields["meant"].required = True
        chosen = given["meant"]
        if chosen in suggestions:
            given["name"] = chosen
        elif chosen != NONE_OF_THESE:
            self.add_error("meant", _("This name is not known. Say which is meant; nothing is guessed."))


class AllergyForm(MedicineAskingForm):
    order = ("name", "meant", "category", "reaction", "severity", "criticality", "status", "on")
    category = forms.ChoiceField(
        label=gettext_lazy("To what kind of thing"),
        required=False,
        choices=[
            ("medication", gettext_lazy("a medicine")),
            ("food", gettext_lazy("food")),
            ("environment", gettext_lazy("environment")),
            ("biologic", gettext_lazy("a biological product")),
        ],
    )
    reaction = forms.CharField(
        label=gettext_lazy("What happened"), max_length=200, required=False, help_text=gettext_lazy("Such as: rash.")
    )
    severity = forms.ChoiceField(
        label=gettext_lazy("Severity"),
        required=False,
        choices=[
            ("", gettext_lazy("not known")),
            ("mild", gettext_lazy("mild")),
            ("moderate", gettext_lazy("moderate")),
            ("severe", gettext_lazy("severe")),
        ],
    )
    criticality = forms.ChoiceField(
        label=gettext_lazy("Risk of a next exposure"),
        required=False,
        choices=[
            ("", gettext_lazy("not known")),
            ("low", gettext_lazy("low risk")),
            ("high", gettext_lazy("high risk: it may be fatal")),
            ("unable-to-assess", gettext_lazy("cannot be assessed")),
        ],
    )
    status = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[
            ("active", pgettext_lazy("of a problem", "active")),
            ("inactive", gettext_lazy("inactive")),
            ("resolved", gettext_lazy("resolved")),
        ],
    )

    def read(self, given: dict[str, Any]) -> None:
        medicine = ""
        if given["category"] in {"medication", "biologic"}:
            found, suggestions = reaction_named(given["name"])
            if found is None and suggestions:
                self.asked(given, suggestions)
                found = reaction_named(given["name"])[0]
            medicine = "" if found is None else found if isinstance(found, str) else found.name
        if not self.errors:
            fields = self.kept(given, "category", "reaction", "severity", "criticality", "status")
            self.item = Allergy(**fields, medicine=medicine)


class MedicationForm(MedicineAskingForm):
    order = ("name", "meant", "dose_text", "route", "status", "on", "ended")
    dose_text = forms.CharField(
        label=gettext_lazy("Dose and how often"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Such as: 500 mg twice a day."),
    )
    route = forms.CharField(label=gettext_lazy("Route"), max_length=60, required=False)
    status = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=[
            ("active", gettext_lazy("taken now")),
            ("on-hold", gettext_lazy("on hold")),
            ("stopped", gettext_lazy("stopped")),
            ("completed", gettext_lazy("completed")),
        ],
    )
    ended = day_field(gettext_lazy("Stopped on"), required=False)

    def read(self, given: dict[str, Any]) -> None:
        named = medicine_named(given["name"])
        medicine = named.medicine
        if medicine is None and named.suggestions:
            self.asked(given, named.suggestions)
            medicine = medicine_named(given["name"]).medicine
        dose, unit, times = None, "", None
        if medicine is not None and given["dose_text"]:
            read = read_order(f"{medicine.name} {given['dose_text']}")
            for question in read.questions:
                self.add_error("dose_text", question)
            if read.order is not None:
                dose, times = read.order.dose, read.order.times_a_day
                unit = medicine.unit if dose is not None else ""
        ended = given["ended"].isoformat() if given["ended"] else ""
        if ended and given["on"] and ended < given["on"]:
            self.add_error("ended", _("It was stopped before it was begun: look at both days."))
        if self.errors:
            return
        self.item = Medication(
            **self.kept(given, "dose_text", "route", "status"),
            medicine=medicine.name if medicine else "",
            dose=dose,
            unit=unit,
            times_a_day=times,
            ended=ended,
        )


class HistoryForm(ItemForm):
    order = ("topic", "name", "on")
    topic = forms.ChoiceField(
        label=gettext_lazy("About"),
        choices=[
            ("procedure", gettext_lazy("Procedure")),
            ("immunisation", gettext_lazy("Immunisation")),
            ("family", gettext_lazy("Family")),
            ("social", gettext_lazy("Social")),
            ("other", gettext_lazy("Other")),
        ],
    )

    def read(self, given: dict[str, Any]) -> None:
        self.item = History(**self.kept(given, "topic"))


PREGNANCY: Final = {
    "pregnant": gettext_lazy("Pregnant"),
    "not-pregnant": gettext_lazy("Not pregnant"),
    "breastfeeding": gettext_lazy("Breast-feeding"),
}


class PregnancyForm(ItemForm):
    """Whether somebody is pregnant or breast-feeds, as asked on a day."""

    order = ("status", "on")
    # Django leaves out a field of the base that is None.
    name = None  # type: ignore[assignment]
    status = forms.ChoiceField(label=gettext_lazy("State"), choices=list(PREGNANCY.items()))

    def read(self, given: dict[str, Any]) -> None:
        on = given["on"] or timezone.localdate().isoformat()
        status = given["status"]
        self.item = History(name=str(PREGNANCY[status]), topic="pregnancy", status=status, on=on, note=given["note"])


def is_day(text: str) -> bool:
    """Return whether a text is an ISO day, month or year that exists."""
    if _DAY.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True
