from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from llmasos.retrieval import views

app_name = "retrieval"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/knowledge/", views.collections, name="collections"),
    path("o/<slug:slug>/knowledge/add/", views.add_collection, name="add_collection"),
    path("o/<slug:slug>/knowledge/<uuid:collection_id>/", views.collection, name="collection"),
    path("o/<slug:slug>/knowledge/<uuid:collection_id>/upload/", views.upload, name="upload"),
    path("o/<slug:slug>/knowledge/<uuid:collection_id>/search/", views.try_search, name="search"),
    path("o/<slug:slug>/knowledge/documents/<uuid:document_id>/original/", views.original, name="original"),
    path("o/<slug:slug>/knowledge/documents/<uuid:document_id>/retry/", views.retry, name="retry"),
    path("o/<slug:slug>/knowledge/documents/<uuid:document_id>/delete/", views.delete, name="delete"),
    path("o/<slug:slug>/knowledge/documents/<uuid:document_id>/restore/", views.restore, name="restore"),
]
