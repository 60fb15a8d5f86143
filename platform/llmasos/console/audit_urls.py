"""The log's pages. They need accounts, which lie above the log itself, so they live in the console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.console import audit_log

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/audit/", audit_log.log, name="log"),
    path("o/<slug:slug>/audit/verify", audit_log.verify_now, name="verify"),
]
