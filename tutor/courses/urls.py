from __future__ import annotations

from django.urls import path

from tutor.courses.views import courses, people, skills, terms

TUTOR = "o/<slug:slug>/tutor/"
BASE = f"{TUTOR}courses/"
COURSE = f"{BASE}<uuid:course_id>/"

urlpatterns = [
    path(BASE, courses.courses, name="courses"),
    path(f"{BASE}new/", courses.edit, name="course_add"),
    path(COURSE, courses.course, name="course"),
    path(f"{COURSE}edit/", courses.edit, name="course_edit"),
    path(f"{COURSE}archive/", courses.archive, name="course_archive"),
    path(f"{COURSE}staff/", courses.staff, name="course_staff"),
    path(f"{COURSE}skills/", skills.course_skills, name="course_skills"),
    path(f"{COURSE}class-code/", people.class_code, name="class_code"),
    path(f"{COURSE}learners/", people.roster, name="roster"),
    path(f"{COURSE}learners/add/", people.add_learner, name="roster_add"),
    path(f"{COURSE}learners/import/", people.import_roster, name="roster_import"),
    path(f"{COURSE}learners/<uuid:learner_id>/", people.change_learner, name="roster_change"),
    path(f"{TUTOR}terms/", terms.all_terms, name="terms"),
    path(f"{TUTOR}terms/<uuid:term_id>/", terms.edit_term, name="term"),
    path(f"{TUTOR}terms/<uuid:term_id>/delete/", terms.delete_term, name="term_delete"),
    path(f"{TUTOR}join/", people.join, name="join"),
]
