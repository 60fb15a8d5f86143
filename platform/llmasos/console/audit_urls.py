"""The log's pages. They need accounts, which lie above the log itself, so they live in the console."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.console.activity import views as activity
from llmasos.console.log import checks, downloads, entry, explorer, state

app_name = "audit"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/audit/", explorer.log, name="log"),
    path("o/<slug:slug>/audit/check/", checks.show, name="check"),
    path("o/<slug:slug>/audit/activity/", activity.activity, name="activity"),
    path("o/<slug:slug>/audit/state/", state.state, name="state"),
    path("o/<slug:slug>/audit/verify", checks.start, name="verify"),
    path("o/<slug:slug>/audit/entries/<uuid:entry_id>/", entry.entry, name="entry"),
    path("o/<slug:slug>/audit/entries/<uuid:entry_id>/payload", entry.payload, name="payload"),
    path("o/<slug:slug>/audit/entries/<uuid:entry_id>/proof/", entry.proof, name="proof"),
    path("o/<slug:slug>/audit/entries/<uuid:entry_id>/proof.json", entry.proof_file, name="proof_file"),
    path("o/<slug:slug>/audit/files/<str:file_format>", downloads.file, name="file"),
]
