from __future__ import annotations

from django.urls import path

from tutor.quality.views import quality

BASE = "o/<slug:slug>/tutor/marking/"
ASSIGNMENT = f"{BASE}assignments/<uuid:assignment_id>/"
QUESTION = f"{BASE}questions/<uuid:question_id>/"

urlpatterns = [
    path(f"{ASSIGNMENT}quality/", quality.assignment, name="quality_assignment"),
    path(f"{ASSIGNMENT}quality.csv", quality.assignment_csv, name="quality_assignment_csv"),
    path(f"{QUESTION}quality/", quality.question, name="quality_question"),
    path(f"{QUESTION}quality.csv", quality.question_csv, name="quality_question_csv"),
]
