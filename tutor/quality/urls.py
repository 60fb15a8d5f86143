from __future__ import annotations

from django.urls import path

from tutor.quality.views import fairness, quality, similar, tricks

BASE = "o/<slug:slug>/tutor/marking/"
ASSIGNMENT = f"{BASE}assignments/<uuid:assignment_id>/"
QUESTION = f"{BASE}questions/<uuid:question_id>/"

urlpatterns = [
    path(f"{ASSIGNMENT}quality/", quality.assignment, name="quality_assignment"),
    path(f"{ASSIGNMENT}quality.csv", quality.assignment_csv, name="quality_assignment_csv"),
    path(f"{ASSIGNMENT}fairness/", fairness.assignment, name="fairness_assignment"),
    path("o/<slug:slug>/tutor/courses/<uuid:course_id>/fairness/", fairness.course, name="fairness_course"),
    path(f"{QUESTION}quality/", quality.question, name="quality_question"),
    path(f"{QUESTION}quality.csv", quality.question_csv, name="quality_question_csv"),
    path(f"{QUESTION}similar/", similar.similar_answers, name="quality_similar"),
    path(f"{QUESTION}similar/look/", similar.look, name="quality_similar_look"),
    path(f"{BASE}similar/<uuid:pair_id>/", similar.pair, name="quality_pair"),
    path(f"{QUESTION}tricks/", tricks.tricks, name="quality_tricks"),
    path(f"{QUESTION}tricks/check/", tricks.check, name="quality_tricks_check"),
]
