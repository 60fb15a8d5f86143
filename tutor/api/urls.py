"""The tutor's part of the platform's API, under /api/tutor/."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from tutor.api.loose import ProposeView

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/tutor/propose", ProposeView.as_view(), name="api_propose"),
]
