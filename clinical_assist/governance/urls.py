from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clinical_assist.governance import views

_OVERSIGHT = "o/<slug:slug>/clinical/oversight/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(_OVERSIGHT, views.oversight, name="oversight"),
    path(f"{_OVERSIGHT}leads/", views.lead_add, name="lead_add"),
    path(f"{_OVERSIGHT}leads/<uuid:person_id>/end/", views.lead_end, name="lead_end"),
]
