"""Assignments with their questions and rubrics, and what learners hand in."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course, Learner, Skill


class Assignment(OrganisationOwned):
    """Work that is set for a course."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        CLOSED = "closed", _("Closed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="assignments")
    title = models.CharField(_("title"), max_length=200)
    instructions = models.TextField(_("instructions"), blank=True, max_length=20_000)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True)
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    attempts_allowed = models.PositiveSmallIntegerField(_("attempts"), default=1, validators=[MinValueValidator(1)])
    late_percent_per_day = models.PositiveSmallIntegerField(_("taken off for each late day, in per cent"), default=0)
    late_days_allowed = models.PositiveSmallIntegerField(_("days that late work is taken"), default=0)
    late_grace_minutes = models.PositiveSmallIntegerField(_("grace, in minutes"), default=0)
    anonymous = models.BooleanField(_("mark without names"), default=True)
    second_marking_percent = models.PositiveSmallIntegerField(_("share marked twice, in per cent"), default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("assignment")
        ordering: ClassVar = ["due_at", "created_at"]

    def __str__(self) -> str:
        return self.title


class Asked(OrganisationOwned):
    """Something that is asked of learners: its kind, its words, and what a right number or choice is."""

    class Kind(models.TextChoices):
        SHORT = "short", _("Short answer")
        ESSAY = "essay", _("Essay")
        NUMERIC = "numeric", pgettext_lazy("quantity", "Number")
        CHOICE = "choice", _("Multiple choice")

    class Tolerance(models.TextChoices):
        NONE = "none", _("Exact")
        ABSOLUTE = "absolute", _("Plus or minus")
        RELATIVE = "relative", _("Per cent")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.SHORT)
    prompt = models.TextField(_("question"), max_length=20_000)
    # For numbers: the value, its unit (empty: none), and how far off still counts.
    numeric_value = models.FloatField(_("value"), null=True, blank=True)
    numeric_unit = models.CharField(_("unit"), max_length=40, blank=True)
    numeric_tolerance = models.FloatField(_("tolerance"), default=0.0)
    numeric_tolerance_kind = models.CharField(max_length=16, choices=Tolerance, default=Tolerance.NONE)
    # For multiple choice: [{"id", "text", "correct", "feedback"}]; several may be right.
    options = models.JSONField(_("options"), default=list, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Question(Asked):
    """One question of an assignment. Its rubric is a version of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=1)
    points = models.DecimalField(
        _("points"), max_digits=7, decimal_places=2, default=Decimal(1), validators=[MinValueValidator(Decimal(0))]
    )
    rubric = models.ForeignKey("tutor.RubricVersion", models.SET_NULL, null=True, related_name="+", editable=False)
    skills = models.ManyToManyField(Skill, through="QuestionSkill", related_name="questions")
    external_id = models.CharField(max_length=120, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("question")
        ordering: ClassVar = ["position", "created_at"]


class QuestionSkill(OrganisationOwned):
    """A skill that a question needs."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="skill_links")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="question_links")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["question", "skill"], name="tutor_question_skill")]

    def __str__(self) -> str:
        return f"{self.question_id} · {self.skill_id}"


class RubricVersion(OrganisationOwned):
    """References and criteria of a question at one time; never changed, found again by the digest of its content.

    ``criteria`` is a list of ``{"id", "text", "weight", "levels": [{"id", "label", "points", "description",
    "examples": [..]}]}``. A yes-or-no criterion has two levels. Points of a level are shares of the
    question's points after weighting: the engine's ``Criterion`` says how.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="rubrics")
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    references = ArrayField(models.TextField(), default=list)
    criteria = models.JSONField(default=list)
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["question", "number"], name="tutor_rubric_number"),
            models.UniqueConstraint(fields=["question", "digest"], name="tutor_rubric_content"),
        ]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"


class Extension(OrganisationOwned):
    """A later deadline for one learner."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="extensions")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="extensions")
    due_at = models.DateTimeField(_("due"))
    reason = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["assignment", "learner"], name="tutor_extension_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Submission(OrganisationOwned):
    """One attempt of one learner. Once submitted nothing in it changes, and ``digest`` says what it was.

    ``pseudonym`` is what markers see; ``shuffle`` orders answers the same way for everybody, unrelated to names.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Being written")
        SUBMITTED = "submitted", _("Handed in")

    class HandedInBy(models.TextChoices):
        LEARNER = "learner", _("The learner")
        DEADLINE = "deadline", _("The deadline")
        STAFF = "staff", _("The staff")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="submissions")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="submissions")
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    pseudonym = models.CharField(max_length=40)
    shuffle = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True)
    handed_in_by = models.CharField(max_length=16, choices=HandedInBy, blank=True)
    # Seconds between the deadline and the last change of the work; see tutor.work.lateness.
    late_seconds = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment", "learner", "attempt"], name="tutor_submission_attempt"),
            models.UniqueConstraint(fields=["assignment", "pseudonym"], name="tutor_submission_pseudonym"),
        ]
        indexes: ClassVar = [models.Index(fields=["assignment", "state", "shuffle"], name="tutor_submission_order")]

    def __str__(self) -> str:
        return self.pseudonym


class Answer(OrganisationOwned):
    """What a learner wrote to one question, in one attempt. ``revision`` counts what was saved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.CASCADE, related_name="answers")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="answers")
    text = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="")
    choices = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    revision = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "question"], name="tutor_answer_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["question", "submission"], name="tutor_answer_question")]

    def __str__(self) -> str:
        return str(self.pk)


class AnswerFile(OrganisationOwned):
    """A file handed in with an answer. Its text is in the answer; the file itself stays, sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    answer = models.ForeignKey(Answer, models.CASCADE, related_name="files")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    name = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")
    media_type = models.CharField(max_length=120)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    # Base64 of the bytes, sealed under the learner's key like every word of theirs.
    content = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.pk)


class Reveal(OrganisationOwned):
    """A marker looked at whose work it is, for a reason."""

    class Reason(models.TextChoices):
        ACCOMMODATION = "accommodation", _("An accommodation of the learner")
        INTEGRITY = "integrity", _("A question of honesty")
        TECHNICAL = "technical", _("A technical problem")
        CONTACT = "contact", _("To speak with the learner")
        OTHER = "other", _("Something else")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="reveals")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["submission", "person"], name="tutor_reveal_once")]

    def __str__(self) -> str:
        return str(self.pk)
