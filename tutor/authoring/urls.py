from __future__ import annotations

from django.urls import path

from tutor.authoring import views

BASE = "o/<slug:slug>/tutor/"
ASSIGNMENT = f"{BASE}assignments/<uuid:assignment_id>/"
QUESTION = f"{BASE}questions/<uuid:question_id>/"

urlpatterns = [
    path(f"{BASE}courses/<uuid:course_id>/assignments/new/", views.add_assignment, name="assignment_add"),
    path(ASSIGNMENT, views.assignment, name="assignment"),
    path(f"{ASSIGNMENT}edit/", views.edit_assignment, name="assignment_edit"),
    path(f"{ASSIGNMENT}state/", views.change_state, name="assignment_state"),
    path(f"{ASSIGNMENT}extensions/", views.extensions, name="extensions"),
    path(f"{ASSIGNMENT}questions/new/", views.add_question, name="question_add"),
    path(f"{QUESTION}edit/", views.edit_question, name="question_edit"),
    path(f"{QUESTION}change/", views.change_question, name="question_change"),
]
