from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from clinical_assist import views
from clinical_assist.calculators.views import calculator, calculators
from clinical_assist.fhir.server.urls import urlpatterns as fhir_server
from clinical_assist.fhir.urls import urlpatterns as fhir
from clinical_assist.governance.urls import urlpatterns as governance
from clinical_assist.hooks.urls import urlpatterns as hooks
from clinical_assist.intake.urls import urlpatterns as intake
from clinical_assist.medicines.urls import urlpatterns as medicines
from clinical_assist.notes.urls import urlpatterns as notes
from clinical_assist.plans.urls import urlpatterns as plans
from clinical_assist.record import urls as record

app_name = "clinical_assist"
urlpatterns: list[URLPattern | URLResolver] = [
    path("o/<slug:slug>/clinical/", views.start, name="start"),
    path("o/<slug:slug>/clinical/references/", views.references, name="search"),
    *record.urlpatterns,
    path("o/<slug:slug>/clinical/calculators/", calculators, name="calculators"),
    path("o/<slug:slug>/clinical/calculators/<slug:name>/", calculator, name="calculator"),
    *medicines,
    *intake,
    *governance,
    *notes,
    *hooks,
    *fhir,
    *fhir_server,
    *plans,
]
