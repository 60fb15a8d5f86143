from __future__ import annotations

from django.urls import path

from tutor.interchange import views

urlpatterns = [
    path("o/<slug:slug>/tutor/assignments/<uuid:assignment_id>/gradebook/", views.download_gradebook, name="gradebook"),
]
