from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.console import views
from llmasos.console.catalogue import views as catalogue
from llmasos.console.errors import views as errors
from llmasos.console.organisations import views as organisations
from llmasos.console.requests import views as requests
from llmasos.console.storage import views as storage
from llmasos.console.usage import views as usage

app_name = "console"
urlpatterns: list[URLPattern | URLResolver] = [
    path("console/", views.platform, name="platform"),
    path("console/live", views.platform_live, name="platform_live"),
    path("console/queues/", views.queues, name="queues"),
    path("console/queues/live", views.queues_live, name="queues_live"),
    path("console/models/", catalogue.models, name="models"),
    path("console/models/live", catalogue.models_live, name="models_live"),
    # A model's name may hold slashes, as those of a hub do.
    path("console/models/<path:name>/act/<slug:what>", catalogue.act, name="model_act"),
    path("console/requests/", requests.platform, name="platform_requests"),
    path("console/requests/live", requests.platform_live, name="platform_requests_live"),
    path("console/requests/<uuid:run_id>/stop", requests.platform_stop, name="platform_stop"),
    path("console/usage/", usage.platform, name="platform_usage"),
    path("console/usage/<uuid:organisation_id>/", usage.organisation, name="organisation_limits"),
    path("console/usage/<uuid:organisation_id>/live", usage.organisation_live, name="organisation_limits_live"),
    path("console/usage/<uuid:organisation_id>/limit", usage.organisation_limit, name="organisation_limit"),
    path(
        "console/usage/<uuid:organisation_id>/limits/<uuid:limit_id>/remove",
        usage.organisation_unlimit,
        name="organisation_unlimit",
    ),
    path("console/organisations/", organisations.organisations, name="organisations"),
    path("console/errors/", errors.platform, name="platform_errors"),
    path("console/logs/", views.logs, name="logs"),
    path("console/logs/live", views.logs_live, name="logs_live"),
    path("console/storage/", storage.platform, name="platform_storage"),
    path("o/<slug:slug>/console/", views.organisation, name="home"),
    path("o/<slug:slug>/console/live", views.organisation_live, name="live"),
    path("o/<slug:slug>/console/requests/", requests.own, name="requests"),
    path("o/<slug:slug>/console/requests/live", requests.own_live, name="requests_live"),
    path("o/<slug:slug>/console/requests/<uuid:run_id>/stop", requests.own_stop, name="stop"),
    path("o/<slug:slug>/console/usage/", usage.own, name="usage"),
    path("o/<slug:slug>/console/usage/live", usage.own_live, name="usage_live"),
    path("o/<slug:slug>/console/usage/limit", usage.own_limit, name="limit"),
    path("o/<slug:slug>/console/usage/limits/<uuid:limit_id>/remove", usage.own_unlimit, name="unlimit"),
    path("o/<slug:slug>/console/errors/", errors.own, name="errors"),
    path("o/<slug:slug>/console/storage/", storage.own, name="storage"),
]
