from __future__ import annotations

from django.urls import path

from tutor.interchange import views
from tutor.interchange.marks import views as marks
from tutor.interchange.qti import views as questions

ASSIGNMENT = "o/<slug:slug>/tutor/assignments/<uuid:assignment_id>/"

urlpatterns = [
    path(f"{ASSIGNMENT}gradebook/", views.download_gradebook, name="gradebook"),
    path(f"{ASSIGNMENT}marks/", marks.marks, name="marks"),
    path(f"{ASSIGNMENT}marks/sheet/", marks.download_sheet, name="marking_sheet"),
    path(f"{ASSIGNMENT}marks/import/", marks.import_marks, name="marks_import"),
    path("o/<slug:slug>/tutor/marks-imports/<uuid:import_id>/undo/", marks.undo, name="marks_import_undo"),
    path(f"{ASSIGNMENT}questions/import/", questions.import_questions, name="questions_import"),
]
