from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "runtime"
urlpatterns: list[URLPattern | URLResolver] = []
