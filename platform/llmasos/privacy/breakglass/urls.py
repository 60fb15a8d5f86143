from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.privacy.breakglass import views

app_name = "breakglass"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/privacy/break-glass/", views.ask, name="ask"),
    path("o/<slug:slug>/privacy/break-glass/<uuid:grant_id>/end", views.end, name="end"),
    path("o/<slug:slug>/privacy/break-glass/reviews/", views.reviews, name="reviews"),
    path("o/<slug:slug>/privacy/break-glass/reviews/<uuid:grant_id>/", views.review, name="review"),
]
