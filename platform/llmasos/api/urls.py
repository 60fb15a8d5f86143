"""Addresses of the platform's API and of the OpenAI-compatible endpoints."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from llmasos.api import views

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", include("llmasos.api.openai.urls")),
    path("api/search", views.SearchView.as_view(), name="search"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", views.documentation, name="documentation"),
]
