"""Addresses of imports, exports and other systems. Nothing of a patient stands in them but ids."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.fhir.views import imports, systems

urlpatterns: list[URLPattern] = [
    path("o/<slug:slug>/clinical/imports/", imports.imports, name="fhir_imports"),
    path("o/<slug:slug>/clinical/imports/<uuid:import_id>/", imports.one_import, name="fhir_import"),
    path("o/<slug:slug>/clinical/imports/<uuid:import_id>/act/", imports.act, name="fhir_import_act"),
    path("o/<slug:slug>/clinical/patients/<uuid:patient_id>/fhir/", imports.export, name="fhir_export"),
    path("o/<slug:slug>/clinical/systems/", systems.systems, name="systems"),
    path("o/<slug:slug>/clinical/systems/<slug:kind>/<uuid:system_id>/remove/", systems.remove, name="system_remove"),
]
