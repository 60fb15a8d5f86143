from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.console import views

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("console/", views.platform, name="platform"),
    path("o/<slug:slug>/console/", views.organisation, name="home"),
]
