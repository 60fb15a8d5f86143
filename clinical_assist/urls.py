from __future__ import annotations

from django.urls import URLPattern, URLResolver

app_name = "clinical_assist"
urlpatterns: list[URLPattern | URLResolver] = []
