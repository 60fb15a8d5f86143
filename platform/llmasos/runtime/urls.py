"""Addresses of the health pages."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.runtime import views

app_name = "runtime"
urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("metrics", views.prometheus, name="metrics"),
]
