from __future__ import annotations

from django.urls import path

from tutor.rosters import views

BASE = "o/<slug:slug>/tutor/rosters/"

urlpatterns = [
    path(BASE, views.rosters, name="rosters"),
    path(f"{BASE}<uuid:import_id>/", views.state, name="roster_import_state"),
    path(f"{BASE}<uuid:import_id>/act/", views.act, name="roster_import_act"),
]
