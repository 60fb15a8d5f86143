"""From a record to what the checks of medicines take: each fact with where it stands, and what is missing by name.

Nothing is guessed. A value that is too old is not used, and is named; but for the kidneys' function, where an old value
is better than none and is used and named. A denied problem and a refuted one are no problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinical_assist.calculators.kidney import clearance_weight, creatinine_clearance
from clinical_assist.medicines.dosing import CHILD_UNDER
from clinical_assist.medicines.library import library
from clinical_assist.medicines.naming import medicine_named, reaction_named
from clinical_assist.medicines.types import AGE, Medicine, Order
from clinical_assist.medicines.types import Patient as Checked
from clinical_assist.plans.lines import Planned
from clinical_assist.plans.problems import icd10_of, problems_of
from clinical_assist.record.items import Allergy, Medication
from clinical_assist.record.measures import MEASURES, value_in, written
from clinical_assist.record.queries import ADULT_YEARS, kidney_function
from clinical_assist.record.types import Entry, Summary, day_of

_OLDEST_CREATININE: Final = 730
_CHILD_WEIGHT_DAYS: Final = 90
_PRESSURE: Final = (180.0, 110.0)
_CHILDBEARING: Final = (12, 55)
_PREGNANCY_DAYS: Final = {True: 300, False: 30}
_NO = re.compile(r"\b(?:not|no|never|negative|denies)\b", re.IGNORECASE)
_PREGNANT = re.compile(r"pregnan", re.IGNORECASE)
_BREAST = re.compile(r"breast-?\s?fe|breast-?feeding|lactati|nursing", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing of the record that the checks used: its words, its day, and the item."""

    text: str
    on: date | None
    item: UUID | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """A patient as the checks see them, the facts that it stands on, and what could not be checked, in sentences."""

    patient: Checked
    used: tuple[Fact, ...] = ()
    missing: tuple[str, ...] = ()


def facts_of(found: Summary, *, planned: Iterable[Planned] = ()) -> Facts:
    """Return what the checks take of a record. The conditions that are ``planned`` for count as problems too."""
    return _Reading(found).facts(planned)


class _Reading:
    """One pass over a record; collects what was used and what is missing on the way."""

    def __init__(self, found: Summary) -> None:
        self._found = found
        self._today = timezone.localdate()
        self._used: list[Fact] = []
        self._missing: list[str] = []

    def facts(self, planned: Iterable[Planned]) -> Facts:
        found, age = self._found, self._age()
        weight = self._weight(age)
        pregnant, breastfeeds = self._pregnancy()
        patient = Checked(
            age=age,
            sex=found.patient.sex if found.patient.sex in {"female", "male"} else "",
            weight=weight,
            clearance=self._clearance(age),
            is_pregnant=pregnant,
            breastfeeds=breastfeeds,
            allergies=tuple(self._allergies()),
            problems=frozenset(self._problems(planned)),
            laboratory=self._laboratory(),
            takes=tuple(self._takes()),
        )
        return Facts(patient, tuple(self._used), tuple(self._missing))

    def _age(self) -> float | None:
        born = self._found.patient.birth_date
        if born is None:
            self._missing.append(_("Birth date not known: doses and limits by age not checked."))
            return None
        days: int = (self._today - born).days
        return max(days / 365.25, 0.0)

    def _weight(self, age: float | None) -> float | None:
        entry = self._found.latest("weight")
        value = value_in(entry.item, "kg") if entry else None
        if entry is None or value is None:
            self._missing.append(_("Weight not known: dose per kg not checked."))
            return None
        is_child = age is not None and age < CHILD_UNDER
        limit = _CHILD_WEIGHT_DAYS if is_child else MEASURES["weight"].keeps_days
        if is_child and self._days(entry) > limit:
            said = _("Weight is of %(day)s, too old for a child: dose per kg not checked.")
            self._missing.append(said % {"day": self._day(entry)})
            return None
        if self._days(entry) > limit:
            self._missing.append(_("Weight is of %(day)s: old, and used.") % {"day": self._day(entry)})
        self._use(_("Weight %(value)s kg") % {"value": f"{value:g}"}, entry)
        return value

    def _clearance(self, age: float | None) -> float | None:
        """Cockcroft and Gault's clearance of an adult; the filtration rate where the weight is unknown."""
        if age is None or age < ADULT_YEARS:
            self._missing.append(_("Limits by kidney function are not checked in children or without an age."))
            return None
        creatinine = self._found.latest("creatinine")
        if creatinine is not None and self._days(creatinine) > _OLDEST_CREATININE:
            said = _("Creatinine is of %(day)s, more than two years ago: kidney function not checked.")
            self._missing.append(said % {"day": self._day(creatinine)})
            return None
        level = value_in(creatinine.item, "mg/dL") if creatinine else None
        weight = self._adult_weight()
        female = {"female": True, "male": False}.get(self._found.patient.sex)
        if creatinine is None or level is None or level <= 0 or weight is None or female is None:
            return self._rate()
        if self._days(creatinine) > MEASURES["creatinine"].keeps_days:
            self._missing.append(_("Creatinine is of %(day)s: old, and used.") % {"day": self._day(creatinine)})
        height = self._height()
        used = clearance_weight(weight, height, female=female) if height else weight
        if not height:
            self._missing.append(_("Height not known: creatinine clearance by the actual weight."))
        value = creatinine_clearance(age, used, level, female=female)
        self._use(_("Creatinine clearance %(value)s mL/min") % {"value": f"{value:.0f}"}, creatinine)
        return value

    def _rate(self) -> float | None:
        rate = kidney_function(self._found)
        if rate is None:
            self._missing.append(_("Creatinine not known: limits by kidney function not checked."))
            return None
        self._missing.append(_("Weight or sex not known: filtration rate used in place of creatinine clearance."))
        self._used.append(Fact(_("Filtration rate %(value)s mL/min/1.73 m²") % {"value": f"{rate.value:.0f}"}, rate.on))
        return rate.value

    def _adult_weight(self) -> float | None:
        entry = self._found.latest("weight")
        return value_in(entry.item, "kg") if entry else None

    def _height(self) -> float | None:
        entry = self._found.latest("height")
        return value_in(entry.item, "cm") if entry else None

    def _pregnancy(self) -> tuple[bool | None, bool | None]:
        if self._found.patient.sex == "male":
            return False, False
        pregnant: bool | None = None
        breastfeeds: bool | None = None
        for entry in self._found.history:
            if entry.item.topic != "pregnancy":
                continue
            said = f"{entry.item.name}: {entry.item.status}" if entry.item.status else entry.item.name
            holds = not _NO.search(said)
            if self._days(entry) > _PREGNANCY_DAYS[holds]:
                continue
            if _BREAST.search(said) and breastfeeds is None:
                breastfeeds = holds
                self._use(said, entry)
            elif _PREGNANT.search(said) and pregnant is None:
                pregnant = holds
                self._use(said, entry)
        for problem in self._found.active_problems:
            if pregnant is None and _PREGNANT.search(problem.item.name) and not _NO.search(problem.item.name):
                pregnant = True
                self._use(problem.item.name, problem)
        if pregnant is None and self._found.patient.sex == "female" and may_bear(self._found.age):
            self._missing.append(_("Whether she is pregnant is not known."))
        return pregnant, breastfeeds

    def _allergies(self) -> Iterator[Medicine | str]:
        if self._found.allergies_known == "unknown":
            self._missing.append(_("Allergies not known: nobody wrote whether there are any. Ask."))
        for entry in self._found.active_allergies:
            known = _reaction(entry.item)
            if known is not None:
                self._use(_("Allergy: %(name)s") % {"name": entry.item.name}, entry)
                yield known
            elif entry.item.category in {"medication", "biologic", ""}:
                said = _("The reaction to %(name)s is to no medicine that is known here: not checked.")
                self._missing.append(said % {"name": entry.item.name})

    def _problems(self, planned: Iterable[Planned]) -> Iterator[str]:
        for entry in self._found.active_problems:
            codes = icd10_of(entry.item.codings)
            found = problems_of(entry.item.name, codes, onset=entry.on, today=self._today)
            if found:
                self._use(entry.item.name, entry)
            yield from found
        for condition in planned:
            yield from problems_of(condition.name, condition.icd10, onset=self._today, today=self._today)
        pressures = [self._found.latest(name) for name in ("systolic", "diastolic")]
        for entry_of, bound in zip(pressures, _PRESSURE, strict=True):
            if entry_of is not None and not self._is_old(entry_of, entry_of.item.measure):
                value = value_in(entry_of.item, "mm[Hg]")
                if value is not None and value >= bound:
                    self._use(_("Blood pressure of %(value)s mmHg") % {"value": f"{value:g}"}, entry_of)
                    yield "uncontrolled hypertension"

    def _laboratory(self) -> dict[str, float]:
        values = {}
        # In which unit the laboratory rules of the medicines read each measure.
        units = {rule.measure: rule.unit for rule in library().laboratory if rule.measure != AGE}
        for name, unit in units.items():
            entry = self._found.latest(name)
            value = value_in(entry.item, unit) if entry else None
            label = MEASURES[name].label
            if entry is None:
                continue
            if value is None:
                said = _("%(measure)s is in a unit that cannot be turned into %(unit)s: not checked.")
                self._missing.append(said % {"measure": label, "unit": written(unit)})
            elif self._is_old(entry, name):
                said = _("%(measure)s is of %(day)s, too old: not checked.")
                self._missing.append(said % {"measure": label, "day": self._day(entry)})
            else:
                self._use(f"{label} {value:g} {written(unit)}".strip(), entry)
                values[name] = value
        return values

    def _takes(self) -> Iterator[Order]:
        for entry in self._found.active_medications:
            ended = day_of(entry.item.ended)
            if ended is not None and ended < self._today:
                continue
            medicine = _medicine(entry.item)
            if medicine is None:
                said = _("%(name)s is not known here: interactions with it are not checked.")
                self._missing.append(said % {"name": entry.item.name})
                continue
            self._use(_("Takes: %(name)s") % {"name": entry.item.name}, entry)
            same_unit = entry.item.unit == medicine.unit
            yield Order(medicine, entry.item.dose if same_unit else None, entry.item.times_a_day)

    def _use(self, text: str, entry: Entry[Any]) -> None:
        self._used.append(Fact(text, entry.on, entry.id))

    def _days(self, entry: Entry[Any]) -> int:
        return (self._today - timezone.localdate(entry.when)).days

    def _is_old(self, entry: Entry[Any], measure: str) -> bool:
        return self._days(entry) > MEASURES[measure].keeps_days

    def _day(self, entry: Entry[Any]) -> str:
        return date_format(timezone.localdate(entry.when), "DATE_FORMAT")


def may_bear(age: float | None) -> bool:
    """Whether a pregnancy is worth asking for at an age in years; an unknown age excludes none."""
    return age is None or _CHILDBEARING[0] <= age <= _CHILDBEARING[1]


def _reaction(item: Allergy) -> Medicine | str | None:
    medicines = library().medicines
    if item.medicine:
        known = medicines.get(item.medicine) or (item.medicine if item.medicine in library().classes else None)
        # One that this version of the tables calls otherwise is still found by the name it was recorded under.
        return known or reaction_named(item.name)[0]
    return reaction_named(item.name)[0]


def _medicine(item: Medication) -> Medicine | None:
    return library().medicines.get(item.medicine) or medicine_named(item.name).medicine
