"""Exercises, and what learners answer to them: nothing of it counts for marks."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course, Learner, Skill
from tutor.models.work import Asked, Question


class Exercise(Asked):
    """Something to practise a skill on; written for it, or taken over from a question of closed work.

    ``hints`` are places of the course's material, the least telling first: ``[{"chunk", "start", "end"}]``, where
    without ``start`` only the place is named. They are found when a learner first asks for one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="exercises")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="exercises")
    references = ArrayField(models.TextField(), default=list)
    hints = models.JSONField(null=True)
    source = models.ForeignKey(Question, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("exercise")
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "skill"], name="tutor_exercise_source"),
            models.CheckConstraint(condition=~Q(kind="essay"), name="tutor_exercise_kind"),
        ]


class PracticeTry(OrganisationOwned):
    """One try of a learner at an exercise. Without ``answered_at`` it is being worked on.

    ``share`` is how much of it was right, 0 to 1, by the check of the machine or by the learner's own judgement; it
    is empty while neither has spoken. It schedules the next date and is never a mark.
    """

    class Verdict(models.TextChoices):
        RIGHT = "right", _("Right, as far as the check can tell")
        PARTLY = "partly", _("Partly right, as far as the check can tell")
        WRONG = "wrong", _("Not right, as far as the check can tell")
        UNSURE = "unsure", _("The check is not sure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="tries")
    exercise = models.ForeignKey(Exercise, models.CASCADE, related_name="tries")
    text = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="")
    choices = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    hints = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=16, choices=Verdict, blank=True)
    confidence = models.FloatField(default=0.0)
    model_digest = models.CharField(max_length=64, blank=True)
    share = models.FloatField(null=True)
    judged_by_learner = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["-started_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["learner", "exercise"], condition=Q(answered_at=None), name="tutor_try_open"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["learner", "answered_at"], name="tutor_try_history")]

    def __str__(self) -> str:
        return str(self.pk)
