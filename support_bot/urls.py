from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "support_bot"
urlpatterns: list[URLPattern | URLResolver] = []
