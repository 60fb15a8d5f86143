from __future__ import annotations

from django.urls import path

from tutor.courses import views

BASE = "o/<slug:slug>/tutor/courses/"
COURSE = f"{BASE}<uuid:course_id>/"

urlpatterns = [
    path(BASE, views.courses, name="courses"),
    path(f"{BASE}new/", views.edit, name="course_add"),
    path(COURSE, views.course, name="course"),
    path(f"{COURSE}edit/", views.edit, name="course_edit"),
    path(f"{COURSE}archive/", views.archive, name="course_archive"),
    path(f"{COURSE}staff/", views.staff, name="course_staff"),
    path(f"{COURSE}class-code/", views.class_code, name="class_code"),
    path(f"{COURSE}learners/", views.roster, name="roster"),
    path(f"{COURSE}learners/add/", views.add_learner, name="roster_add"),
    path(f"{COURSE}learners/import/", views.import_roster, name="roster_import"),
    path(f"{COURSE}learners/<uuid:learner_id>/", views.change_learner, name="roster_change"),
    path("o/<slug:slug>/tutor/join/", views.join, name="join"),
]
