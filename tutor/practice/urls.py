from __future__ import annotations

from django.urls import path

from tutor.courses.urls import COURSE
from tutor.learning.urls import LEARN
from tutor.practice.views import learners, staff

PRACTICE = f"{LEARN}<uuid:course_id>/practice/"
TRY = f"{LEARN}practice/<uuid:try_id>/"
EXERCISES = f"{COURSE}exercises/"

urlpatterns = [
    path(PRACTICE, learners.practice, name="practice"),
    path(f"{PRACTICE}<uuid:exercise_id>/", learners.exercise, name="practice_exercise"),
    path(TRY, learners.tried, name="practice_try"),
    path(f"{TRY}check/", learners.check, name="practice_check"),
    path(f"{TRY}judge/", learners.judge, name="practice_judge"),
    path(EXERCISES, staff.listed, name="exercises"),
    path(f"{EXERCISES}new/", staff.edit, name="exercise_add"),
    path(f"{EXERCISES}<uuid:exercise_id>/", staff.edit, name="exercise_edit"),
    path(f"{EXERCISES}change/", staff.change, name="exercises_change"),
]
