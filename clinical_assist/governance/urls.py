from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clinical_assist.governance import views
from clinical_assist.governance.about import views as about
from clinical_assist.governance.references import views as references
from clinical_assist.governance.versions import views as versions
from clinical_assist.knowledge import views as knowledge

_OVERSIGHT = "o/<slug:slug>/clinical/oversight/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(_OVERSIGHT, views.oversight, name="oversight"),
    path(f"{_OVERSIGHT}leads/", views.lead_add, name="lead_add"),
    path(f"{_OVERSIGHT}leads/<uuid:person_id>/end/", views.lead_end, name="lead_end"),
    path(f"{_OVERSIGHT}tables/<slug:kind>/", versions.versions, name="versions"),
    path(f"{_OVERSIGHT}tables/<slug:kind>/built-in/", versions.built_in, name="version_built_in"),
    path(f"{_OVERSIGHT}versions/<uuid:version_id>/", versions.version, name="version"),
    path(f"{_OVERSIGHT}versions/<uuid:version_id>/measure/", versions.measure, name="version_measure"),
    path(f"{_OVERSIGHT}versions/<uuid:version_id>/again/", versions.again, name="version_again"),
    path(f"{_OVERSIGHT}versions/<uuid:version_id>/review/", versions.review, name="version_review"),
    path(f"{_OVERSIGHT}versions/<uuid:version_id>/activate/", versions.activate, name="version_activate"),
    path(f"{_OVERSIGHT}references/", references.references, name="references"),
    path(f"{_OVERSIGHT}feedback/", about.feedback_list, name="feedback"),
    path(f"{_OVERSIGHT}feedback/<uuid:feedback_id>/", about.feedback_answer, name="feedback_answer"),
    path("o/<slug:slug>/clinical/about/", about.all_about, name="about"),
    path("o/<slug:slug>/clinical/about/<slug:code>/", about.about_one, name="about_one"),
    path("o/<slug:slug>/clinical/about/<slug:code>/feedback/", about.feedback_give, name="feedback_give"),
    path("o/<slug:slug>/clinical/passages/<str:code>/", references.passages, name="passages"),
    path(f"{_OVERSIGHT}knowledge/", knowledge.curate, name="knowledge_curate"),
    path(f"{_OVERSIGHT}knowledge/conditions/<str:code>/", knowledge.condition, name="knowledge_condition"),
]
