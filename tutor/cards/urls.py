from __future__ import annotations

from django.urls import path

from tutor.cards import views

urlpatterns = [
    path("join/", views.sign_in, name="card_sign_in"),
    path("o/<slug:slug>/tutor/courses/<uuid:course_id>/cards/", views.cards, name="cards"),
]
