from __future__ import annotations

from django.urls import path

from tutor.preview import views

urlpatterns = [
    path("o/<slug:slug>/tutor/assignments/<uuid:assignment_id>/preview/", views.preview, name="assignment_preview"),
]
