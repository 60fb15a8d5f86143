from __future__ import annotations

from django.urls import path

from tutor.appeals import views

urlpatterns = [path("o/<slug:slug>/tutor/answers/<uuid:answer_id>/proof/", views.appeal, name="appeal")]
