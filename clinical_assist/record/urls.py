"""Addresses of the record. Nothing of a patient stands in them but ids."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.record.views import calculating, items, lock, merging, patients, visits
from clinical_assist.record.views.patient import patient, units
from clinical_assist.record.views.today import today

ROOM = "o/<slug:slug>/clinical/"
PATIENT = f"{ROOM}patients/<uuid:patient_id>/"
ITEM = f"{PATIENT}items/<uuid:item_id>/"

urlpatterns: list[URLPattern] = [
    path(f"{ROOM}today/", today, name="today"),
    path(f"{ROOM}units/", units, name="units"),
    path(f"{ROOM}awake/", lock.awake, name="awake"),
    path(f"{ROOM}patients/", patients.patients, name="patients"),
    path(f"{ROOM}patients/add/", patients.patient_add, name="patient_add"),
    path(PATIENT, patient, name="patient"),
    path(f"{PATIENT}correct/", patients.patient_correct, name="patient_correct"),
    path(f"{PATIENT}no-known-allergies/", patients.no_known_allergies, name="no_known_allergies"),
    path(f"{PATIENT}add/<slug:kind>/", items.item_add, name="item_add"),
    path(ITEM, items.item, name="item"),
    path(f"{ITEM}correct/", items.item_correct, name="item_correct"),
    path(f"{ITEM}end/", items.item_end, name="item_end"),
    path(f"{ITEM}in-error/", items.item_in_error, name="item_in_error"),
    path(f"{PATIENT}visits/", visits.visits, name="visits"),
    path(f"{ROOM}visits/<uuid:encounter_id>/state/", visits.visit_state, name="visit_state"),
    path(f"{PATIENT}care-team/", visits.care_team, name="care_team"),
    path(f"{PATIENT}take-over/", visits.take_over, name="take_over"),
    path(f"{PATIENT}merge/", merging.merge, name="merge"),
    path(f"{PATIENT}unmerge/", merging.unmerge, name="unmerge"),
    path(f"{PATIENT}calculators/<slug:name>/", calculating.patient_calculator, name="patient_calculator"),
]
