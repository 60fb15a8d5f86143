"""The addresses of the FHIR interface, under the organisation's own base."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.fhir.server import views

urlpatterns: list[URLPattern] = [
    path("fhir/<slug:slug>/metadata", views.metadata, name="fhir_metadata"),
    path("fhir/<slug:slug>/.well-known/smart-configuration", views.smart_configuration, name="fhir_smart"),
    path("fhir/<slug:slug>/token", views.token, name="fhir_token"),
    path("fhir/<slug:slug>/<slug:type_>", views.type_search, name="fhir_search"),
    path("fhir/<slug:slug>/<slug:type_>/_search", views.posted_search, name="fhir_posted_search"),
    path("fhir/<slug:slug>/<slug:type_>/<slug:identity>", views.instance, name="fhir_read"),
]
