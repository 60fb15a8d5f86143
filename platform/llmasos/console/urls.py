from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.console import views

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("console/", views.platform, name="platform"),
    path("console/live", views.platform_live, name="platform_live"),
    path("o/<slug:slug>/console/", views.organisation, name="home"),
    path("o/<slug:slug>/console/live", views.organisation_live, name="live"),
]
