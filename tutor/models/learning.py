"""What the machine makes of released marks and practice for one learner, and what teachers say about it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course, Learner, Skill
from tutor.models.marking import Mark


class LearningSettings(OrganisationOwned):
    """Which helps a course gives its learners; a course without a row gives all of them."""

    course = models.OneToOneField(Course, models.CASCADE, primary_key=True, related_name="learning_settings")
    advice = models.BooleanField(_("show learners what to do next"), default=True)
    practice = models.BooleanField(_("let learners practise"), default=True)
    chat = models.BooleanField(_("let learners ask the chat"), default=True)
    chat_read_by_staff = models.BooleanField(_("let teachers and assistants read the chat"), default=False)

    def __str__(self) -> str:
        return str(self.course_id)


class CourseTracing(OrganisationOwned):
    """The parameters of knowledge tracing that were last fitted to a course; ``evidence`` says on how many answers."""

    course = models.OneToOneField(Course, models.CASCADE, primary_key=True, related_name="tracing")
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    evidence = models.PositiveIntegerField()
    fitted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.course_id)


class LearnerProgress(OrganisationOwned):
    """Whether a learner's estimates in a course are up to date: they are asked for, and computed later."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="progress")
    course = models.ForeignKey(Course, models.CASCADE, related_name="progress")
    asked_at = models.DateTimeField(default=timezone.now)
    computed_at = models.DateTimeField(null=True)
    # Of the tracing that the estimates were made with; empty: the defaults.
    tracing = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["learner", "course"], name="tutor_progress_once")]
        indexes: ClassVar = [
            models.Index(
                fields=["organisation", "asked_at"],
                name="tutor_progress_waiting",
                condition=Q(computed_at=None) | Q(computed_at__lt=F("asked_at")),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class SkillMastery(OrganisationOwned):
    """What is estimated of one skill of one learner; see ``tutor.tracing.mastery`` for what the numbers say."""

    learner = models.ForeignKey(Learner, models.CASCADE, related_name="mastery")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="mastery")
    responses = models.PositiveIntegerField()
    probability = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    basis = models.CharField(max_length=16)
    last_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["learner", "skill"], name="tutor_mastery_once")]

    def __str__(self) -> str:
        return f"{self.learner_id} · {self.skill_id}"


class Advice(OrganisationOwned):
    """One thing that a learner is advised to do next, by what it stands on. Its words are made when it is shown.

    ``key`` says what it is about, so that a veto is found again when advice is computed anew.
    """

    class Kind(models.TextChoices):
        MISSED = "missed", _("Something missed in a marked answer")
        REVIEW = "review", _("A skill to look at again")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="advice")
    course = models.ForeignKey(Course, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=140)
    position = models.PositiveSmallIntegerField()
    skill = models.ForeignKey(Skill, models.CASCADE, null=True, related_name="+")
    # The released mark that missed something, and which criterion of its rubric (empty: the answer as a whole).
    mark = models.ForeignKey(Mark, models.CASCADE, null=True, related_name="+")
    criterion = models.CharField(max_length=64, blank=True)
    # A chunk of the course's material; a number only, since chunks are made anew when a document changes.
    chunk = models.BigIntegerField(null=True)
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    vetoed_at = models.DateTimeField(null=True)
    vetoed_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    veto_reason = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="")

    class Meta:
        ordering: ClassVar = ["position", "made_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["learner", "course", "key"], name="tutor_advice_once"),
            models.CheckConstraint(
                condition=Q(kind="missed", mark__isnull=False) | Q(kind="review", skill__isnull=False),
                name="tutor_advice_grounds",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
