"""Forms of patients, visits and care teams."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical_assist.models import CareTeamMember, Patient
from clinical_assist.record.services.patients import Demographics, own_number
from clinical_assist.record.showing import SEXES


def offer(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    """Give a field its choices, which depend on more than the form."""
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices


def day_field(label: Any, **options: Any) -> forms.DateField:
    """Return a field for a day with the browser's own picker."""
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, **options)


class PatientForm(forms.Form):
    """Who a patient is. ``revision`` is the one that was shown; ``accepted`` says that doubles were looked for."""

    family_name = forms.CharField(label=_("Family name"), max_length=120)
    given_names = forms.CharField(label=_("Given names"), max_length=120, required=False)
    birth_date = day_field(_("Date of birth"), required=False)
    sex = forms.ChoiceField(label=_("Sex in the record"), choices=list(SEXES.items()), initial="unknown")
    number = forms.CharField(
        label=_("Your number"), max_length=64, required=False, help_text=_("The number that your clinic gave.")
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), required=False)
    address = forms.CharField(
        label=_("Address"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    deceased_on = day_field(_("Died on"), required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    accepted = forms.BooleanField(widget=forms.HiddenInput, required=False)

    @classmethod
    def of(cls, patient: Patient, data: Any = None) -> PatientForm:
        """Return the form filled with a patient."""
        contact = {name: patient.contact.get(name, "") for name in ("phone", "email", "address")}
        initial = contact | {
            "family_name": patient.family_name,
            "given_names": patient.given_names,
            "birth_date": patient.birth_date,
            "sex": patient.sex,
            "number": own_number(patient),
            "deceased_on": patient.deceased_on,
            "revision": patient.revision,
        }
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        born, died, today = given.get("birth_date"), given.get("deceased_on"), timezone.localdate()
        if born is not None and born > today:
            self.add_error("birth_date", _("This day has not come yet."))
        if died is not None and (died > today or (born is not None and died < born)):
            self.add_error("deceased_on", _("This day is before the birth, or has not come yet."))
        return given

    @property
    def demographics(self) -> Demographics:
        given = self.cleaned_data
        return Demographics(
            family_name=given["family_name"].strip(),
            given_names=given["given_names"].strip(),
            birth_date=given["birth_date"],
            sex=given["sex"],
            deceased_on=given["deceased_on"],
            number=given["number"].strip(),
            contact={name: given[name].strip() for name in ("phone", "email", "address")},
        )


class SearchForm(forms.Form):
    q = forms.CharField(label=_("Name, number or date of birth"), max_length=120, required=False)
    page = forms.IntegerField(min_value=1, required=False)


class VisitForm(forms.Form):
    """A visit; without a time it begins now."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
    starts_at = forms.DateTimeField(
        label=_("When"),
        required=False,
        help_text=_("Leave it empty to begin now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    clinician = forms.ChoiceField(label=_("With"))

    def __init__(self, data: Any, clinicians: list[tuple[str, str]], own: str) -> None:
        super().__init__(data, initial={"clinician": own})
        offer(self, "clinician", clinicians)


class MemberForm(forms.Form):
    person = forms.ChoiceField(label=_("Clinician"))
    part = forms.ChoiceField(label=_("Part"), choices=CareTeamMember.Part, initial=CareTeamMember.Part.TREATING)

    def __init__(self, data: Any, clinicians: list[tuple[str, str]]) -> None:
        super().__init__(data)
        offer(self, "person", [("", str(_("Choose"))), *clinicians])


class ErrorForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it wrong?"),
        max_length=300,
        help_text=_("Such as: another patient’s. The entry is kept, and shown as entered in error."),
    )
