"""Addresses of the record. Nothing of a patient stands in them but ids."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.record.views.patient import patient
from clinical_assist.record.views.today import today

urlpatterns: list[URLPattern] = [
    path("o/<slug:slug>/clinical/today/", today, name="today"),
    path("o/<slug:slug>/clinical/patients/<uuid:patient_id>/", patient, name="patient"),
]
