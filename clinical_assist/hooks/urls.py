"""Where other systems find the decision-support services; the base address is that of the organisation."""

from __future__ import annotations

from django.urls import URLPattern, path

from clinical_assist.hooks import views

urlpatterns: list[URLPattern] = [
    path("o/<slug:slug>/cds-services", views.services, name="hook_services"),
    path("o/<slug:slug>/cds-services/<slug:service_id>", views.service, name="hook_service"),
    path("o/<slug:slug>/cds-services/<slug:service_id>/feedback", views.feedback, name="hook_feedback"),
]
