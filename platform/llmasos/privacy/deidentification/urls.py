from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.privacy.deidentification import views

app_name = "deidentification"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/privacy/deidentification/", views.policy, name="policy"),
    path("o/<slug:slug>/privacy/deidentification/policy", views.set_policy, name="set_policy"),
    path("o/<slug:slug>/privacy/deidentification/preview", views.preview, name="preview"),
]
