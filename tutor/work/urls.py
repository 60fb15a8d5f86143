from __future__ import annotations

from django.urls import path

from tutor.work import views

BASE = "o/<slug:slug>/tutor/work/"

urlpatterns = [
    path(BASE, views.my_work, name="my_work"),
    path(f"{BASE}assignments/<uuid:assignment_id>/", views.assignment, name="work_assignment"),
    path(f"{BASE}assignments/<uuid:assignment_id>/start/", views.start, name="work_start"),
    path(f"{BASE}files/<uuid:file_id>/", views.file, name="work_file"),
    path(f"{BASE}files/<uuid:file_id>/remove/", views.remove_file, name="work_remove_file"),
    path(f"{BASE}<uuid:submission_id>/", views.attempt, name="work_attempt"),
    path(f"{BASE}<uuid:submission_id>/hand-in/", views.hand_in, name="work_hand_in"),
    path(f"{BASE}<uuid:submission_id>/receipt/", views.receipt, name="work_receipt"),
    path(f"{BASE}<uuid:submission_id>/answers/<uuid:question_id>/", views.save_answer, name="work_save"),
    path(f"{BASE}<uuid:submission_id>/answers/<uuid:question_id>/file/", views.upload, name="work_upload"),
]
