from __future__ import annotations

from django.urls import path

from tutor.own_record import views

urlpatterns = [
    path("o/<slug:slug>/tutor/learn/record/", views.own_record, name="own_record"),
]
