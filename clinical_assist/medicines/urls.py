"""Addresses of the check of medicines, of the tables, and of their curator's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.medicines import views
from clinical_assist.medicines.curating import views as curating

_MEDICINES = "o/<slug:slug>/clinical/medicines/"
_OVERSIGHT = "o/<slug:slug>/clinical/oversight/medicines/"

urlpatterns: list[URLPattern] = [
    path(_MEDICINES, views.check_orders, name="medicines"),
    path(f"{_MEDICINES}tables/", views.tables, name="medicine_tables"),
    path(f"{_MEDICINES}tables/<str:name>/", views.medicine, name="medicine"),
    path(f"{_MEDICINES}rules/<slug:table>/", views.rules, name="medicine_rules"),
    path(_OVERSIGHT, curating.curate, name="medicines_curate"),
    path(f"{_OVERSIGHT}<slug:table>/", curating.row, name="medicines_row"),
]
