from __future__ import annotations

from django.urls import path

from tutor.courses.urls import COURSE
from tutor.learning.views import learners, staff

LEARN = "o/<slug:slug>/tutor/learn/"
STAFF = f"{COURSE}learning/"
LEARNER = f"{STAFF}<uuid:learner_id>/"

urlpatterns = [
    path(LEARN, learners.learn, name="learn"),
    path(f"{LEARN}<uuid:course_id>/", learners.learn_course, name="learn_course"),
    path(f"{LEARN}<uuid:course_id>/material/<uuid:document_id>/", learners.material, name="material"),
    path(STAFF, staff.course, name="learning_course"),
    path(f"{STAFF}settings/", staff.settings, name="learning_settings"),
    path(LEARNER, staff.learner, name="learning_learner"),
    path(f"{LEARNER}advice/<uuid:advice_id>/", staff.veto, name="advice_veto"),
]
