"""How the record is put before a reader: the banner, the tabs, measurements in the reader's units."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from clinical_assist.models import Encounter
from clinical_assist.record.items import Measurement
from clinical_assist.record.measures import MEASURES, SYSTEMS, Shown, System, shown, written
from clinical_assist.record.queries import kidney_function
from clinical_assist.record.types import Entry, Summary

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

UNITS_COOKIE: Final = "llmasos_units"
SEXES: Final[dict[str, StrOrPromise]] = {
    "female": gettext_lazy("female"),
    "male": gettext_lazy("male"),
    "other": gettext_lazy("other"),
    "unknown": gettext_lazy("sex not known"),
}
_MONTHS_OF_INFANTS = 24
_FERTILE = (8, 60)


@dataclass(frozen=True, slots=True)
class Row:
    """A measurement as a reader sees it. ``is_old`` says that decisions should not rest on it any more."""

    entry: Entry[Measurement]
    label: str
    shown: Shown
    is_old: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the banner with its unit and day; ``note`` says where it is from, if it is not plain."""

    label: str
    value: str
    unit: str
    on: date | None
    note: str
    is_old: bool


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the pages of a patient; without an address it cannot be opened yet."""

    key: str
    label: str
    href: str


def units_of(request: HttpRequest) -> System:
    """Return the units that the reader chose; conventional ones until then."""
    chosen = request.COOKIES.get(UNITS_COOKIE, "")
    return "si" if chosen == "si" else "conventional"


def other_units(system: System) -> tuple[System, StrOrPromise]:
    """Return the other choice with its name."""
    other: System = "conventional" if system == "si" else "si"
    return other, SYSTEMS[other]


def measured(entries: Iterable[Entry[Measurement]], system: System) -> list[Row]:
    """Return measurements as rows in the reader's units."""
    return [Row(one, _label(one.item), shown(one.item, system), is_old(one)) for one in entries]


def is_old(entry: Entry[Measurement]) -> bool:
    """Whether a value is older than such values are good for."""
    measure = MEASURES.get(entry.item.measure)
    return measure is not None and (timezone.now() - entry.when).days > measure.keeps_days


def age_text(birth_date: date | None, day: date) -> str:
    """Write an age: in days for newborns, in months for infants, else in years."""
    if birth_date is None:
        return _("age not known")
    days = (day - birth_date).days
    months = (day.year - birth_date.year) * 12 + day.month - birth_date.month - (day.day < birth_date.day)
    if months < 1:
        return ngettext("%(n)d day old", "%(n)d days old", days) % {"n": days}
    if months < _MONTHS_OF_INFANTS:
        return ngettext("%(n)d month old", "%(n)d months old", months) % {"n": months}
    return ngettext("%(n)d year old", "%(n)d years old", months // 12) % {"n": months // 12}


def figures(found: Summary, system: System) -> list[Figure]:
    """Return the numbers that doses depend on: weight and kidney function, with their days."""
    result = []
    weight = found.latest("weight")
    if weight is not None:
        one = shown(weight.item, system)
        result.append(Figure(pgettext("of the body", "Weight"), one.value, one.unit, weight.on, "", is_old(weight)))
    rate = kidney_function(found)
    if rate is not None:
        days = (timezone.localdate() - rate.on).days if rate.on else None
        old = days is None or days > MEASURES["egfr"].keeps_days
        result.append(Figure(_("eGFR"), f"{rate.value:.0f}", written(rate.unit), rate.on, rate.source, old))
    return result


def may_be_pregnant(found: Summary) -> bool:
    """Whether a pregnancy is asked about: not where the record says male, nor in small children and late in life."""
    first, last = _FERTILE
    return found.patient.sex != "male" and (found.age is None or first <= found.age <= last)


def tabs(slug: str, found: Summary, encounter: Encounter | None) -> list[Tab]:
    """Return the pages of a patient; those of an encounter lead nowhere while there is none."""
    of_encounter = (
        ("intake", _("Intake"), "clinical_assist:intake"),
        ("differential", _("Differential"), "clinical_assist:encounter_differential"),
        ("plan", _("Plan"), "clinical_assist:plan"),
        ("note", pgettext("clinical", "Note"), "clinical_assist:note"),
    )
    pages = [Tab(key, label, _address(name, slug, encounter)) for key, label, name in of_encounter]
    return [*pages, Tab("record", _("Record"), reverse("clinical_assist:patient", args=[slug, found.patient.pk]))]


def _address(name: str, slug: str, encounter: Encounter | None) -> str:
    if encounter is None:
        return ""
    try:
        return reverse(name, args=[slug, encounter.pk])
    except NoReverseMatch:
        return ""


def _label(item: Measurement) -> str:
    measure = MEASURES.get(item.measure)
    return str(measure.label) if measure else item.name
