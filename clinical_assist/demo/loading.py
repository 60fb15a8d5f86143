"""Filling the demo clinic: synthetic patients with their records and today's visits. One of them is there twice."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from clinical_assist.medicines.naming import medicine_named, reaction_named
from clinical_assist.medicines.ordering import read_order
from clinical_assist.models import Patient
from clinical_assist.record.item_forms import PREGNANCY
from clinical_assist.record.items import Allergy, History, Item, Measurement, Medication, Problem
from clinical_assist.record.measures import MEASURES
from clinical_assist.record.services import encounters, items, patients
from llmasos.accounts.models import Membership, Organisation
from llmasos.accounts.principals import Principal

_PATIENTS: Final = Path(__file__).parent / "patients.toml"


def load_demo(organisation: Organisation) -> None:
    """Add the patients once; run again, it changes nothing."""
    if Patient.objects.for_organisation(organisation).exists():
        return
    clinician = _clinician(organisation)
    for one in tomllib.loads(_PATIENTS.read_text(encoding="utf-8"))["patient"]:
        _add(clinician, one)


def _clinician(organisation: Organisation) -> Principal:
    members = Membership.objects.for_organisation(organisation)
    member = members.get(person__email=f"clinician@{organisation.slug}.example", role="clinician")
    return Principal(organisation.pk, "person", member.person_id, frozenset({"clinician"}))


def _add(clinician: Principal, one: Mapping[str, Any]) -> None:
    names = ("family_name", "given_names", "birth_date", "sex", "number")
    patient = patients.add_patient(clinician, patients.Demographics(**{name: one[name] for name in names}))
    items.write_items(clinician, patient.pk, list(_items(one)))
    if one.get("no_known_allergies"):
        patients.say_no_known_allergies(clinician, patient.pk)
    if "visit" in one:
        at = datetime.combine(timezone.localdate(), time.fromisoformat(one["visit"]["at"]))
        encounters.plan_encounter(
            clinician, patient.pk, starts_at=timezone.make_aware(at), reason=one["visit"]["reason"]
        )


def _items(one: Mapping[str, Any]) -> Iterator[tuple[str, Item]]:
    for row in one.get("problems", ()):
        yield "problem", Problem(**_dated(row))
    for row in one.get("allergies", ()):
        found, _suggestions = reaction_named(row["name"]) if row["category"] == "medication" else (None, ())
        medicine = "" if found is None else found if isinstance(found, str) else found.name
        yield "allergy", Allergy(**_dated(row), medicine=medicine)
    for row in one.get("medications", ()):
        yield "medication", _medication(row)
    for kind in ("vital", "laboratory"):
        for row in one.get({"vital": "vitals"}.get(kind, kind), ()):
            yield kind, _measurement(*row)
    for row in one.get("history", ()):
        yield "history", History(**_dated(row))
    if "pregnancy" in one:
        status = one["pregnancy"]
        yield "history", History(name=str(PREGNANCY[status]), topic="pregnancy", status=status, on=_day(0))


def _medication(row: Mapping[str, Any]) -> Medication:
    medicine = medicine_named(row["name"].removesuffix(" inhaler")).medicine
    order = read_order(f"{medicine.name} {row['dose_text']}").order if medicine else None
    return Medication(
        **_dated(row),
        medicine=medicine.name if medicine else "",
        dose=order.dose if order else None,
        unit=medicine.unit if medicine and order and order.dose is not None else "",
        times_a_day=order.times_a_day if order else None,
    )


def _measurement(ago: int, name: str, value: float, low: float | None = None, high: float | None = None) -> Measurement:
    measure = MEASURES[name]
    return Measurement(
        name=str(measure.label),
        measure=name,
        value=float(value),
        unit=measure.conventional,
        low=low,
        high=high,
        on=_day(ago),
    )


def _dated(row: Mapping[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "ago"}
    return values | ({"on": _day(row["ago"])} if "ago" in row else {})


def _day(ago: int) -> str:
    return (timezone.localdate() - timedelta(days=ago)).isoformat()
