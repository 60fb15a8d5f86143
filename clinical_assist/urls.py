from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clinical_assist import views

app_name = "clinical_assist"
urlpatterns: list[URLPattern | URLResolver] = [path("o/<slug:slug>/clinical/", views.start, name="start")]
