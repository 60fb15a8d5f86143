from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from tutor import views

app_name = "tutor"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/tutor/", views.start, name="start"),
    path("o/<slug:slug>/tutor/search/", views.search, name="search"),
    path("", include("tutor.courses.urls")),
    path("", include("tutor.bulk.urls")),
    path("", include("tutor.cards.urls")),
    path("", include("tutor.rosters.urls")),
    path("", include("tutor.preview.urls")),
    path("", include("tutor.authoring.urls")),
    path("", include("tutor.work.urls")),
    path("", include("tutor.results.urls")),
    path("", include("tutor.learning.urls")),
    path("", include("tutor.practice.urls")),
    path("", include("tutor.chat.urls")),
    path("", include("tutor.own_record.urls")),
    path("", include("tutor.desk.urls")),
    path("", include("tutor.quality.urls")),
    path("", include("tutor.dial.urls")),
    path("", include("tutor.notes.urls")),
    path("", include("tutor.feedback.urls")),
    path("", include("tutor.interchange.urls")),
    path("", include("tutor.appeals.urls")),
    path("", include("tutor.lti.urls")),
    path("", include("tutor.api.urls")),
]
