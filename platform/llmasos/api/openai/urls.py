"""Addresses under /v1."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.api.openai import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("chat/completions", views.chat_completions, name="chat_completions"),
    path("chat/completions/<str:name>/cancel", views.cancel, name="cancel"),
    path("completions", views.completions, name="completions"),
    path("embeddings", views.embeddings, name="embeddings"),
    path("rerank", views.rerank, name="rerank"),
    path("models", views.models, name="models"),
    path("models/<path:name>", views.model, name="model"),
]
