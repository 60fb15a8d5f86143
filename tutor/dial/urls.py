from __future__ import annotations

from django.urls import path

from tutor.dial import views

urlpatterns = [
    path("o/<slug:slug>/tutor/marking/questions/<uuid:question_id>/dial/", views.dial, name="desk_dial"),
]
