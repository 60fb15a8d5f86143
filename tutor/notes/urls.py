from __future__ import annotations

from django.urls import path

from tutor.notes import views

BASE = "o/<slug:slug>/tutor/marking/"

urlpatterns = [
    path(f"{BASE}answers/<uuid:answer_id>/notes/", views.add, name="desk_note_add"),
    path(f"{BASE}notes/<uuid:note_id>/", views.change, name="desk_note"),
]
