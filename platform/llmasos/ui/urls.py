from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from llmasos.ui import views

app_name = "ui"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("o/<slug:slug>/", views.organisation, name="organisation"),
    path("search/", views.search, name="search"),
    path("preferences/theme", views.choose_theme, name="theme"),
    path("preferences/language", views.choose_language, name="language"),
    path("favicon.ico", views.icon, name="icon"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("service-worker.js", views.service_worker, name="service_worker"),
]

if settings.DEBUG:
    from llmasos.ui import design

    urlpatterns.append(path("design/", design.design, name="design"))
