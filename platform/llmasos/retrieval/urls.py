from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "retrieval"
urlpatterns: list[URLPattern | URLResolver] = []
