from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clinical_assist.intake.views.differential import adopt, differential, what_if
from clinical_assist.intake.views.intake import intake
from clinical_assist.intake.views.tryout import differential as tryout

_ENCOUNTER = "o/<slug:slug>/clinical/encounters/<uuid:encounter_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/clinical/differential/", tryout, name="differential"),
    path(f"{_ENCOUNTER}intake/", intake, name="intake"),
    path(f"{_ENCOUNTER}differential/", differential, name="encounter_differential"),
    path(f"{_ENCOUNTER}differential/what-if/", what_if, name="what_if"),
    path(f"{_ENCOUNTER}differential/adopt/", adopt, name="adopt"),
]
