from __future__ import annotations

from django.urls import path

from tutor.bulk import views

BASE = "o/<slug:slug>/tutor/acts/<uuid:act_id>/"

urlpatterns = [
    path(BASE, views.state, name="bulk"),
    path(f"{BASE}act/", views.act, name="bulk_act"),
    path(f"{BASE}file/", views.download, name="bulk_file"),
]
