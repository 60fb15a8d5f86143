"""Terms, courses, and the people in them: learners, staff, guardians."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.blind import BlindIndexField, Findable, index_of
from llmasos.vault.fields import EncryptedTextField


class Term(OrganisationOwned):
    """A period in which courses are taught."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    external_id = models.CharField(_("id in the school's own system"), max_length=255, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))

    class Meta:
        ordering: ClassVar = ["-starts_on", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "name"], name="tutor_term_name"),
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~models.Q(external_id=""),
                name="tutor_term_external_id",
            ),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="tutor_term_order"),
        ]

    def __str__(self) -> str:
        return self.name


class Course(OrganisationOwned):
    """A class of learners with its work, its material and its staff."""

    class Tone(models.TextChoices):
        PLAIN = "plain", _("Plain")
        WARM = "warm", pgettext_lazy("tone", "Warm")
        FORMAL = "formal", _("Formal")

    class Length(models.TextChoices):
        SHORT = "short", _("One sentence")
        MEDIUM = "medium", _("Two or three sentences")
        LONG = "long", _("A paragraph")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    term = models.ForeignKey(Term, models.PROTECT, null=True, blank=True, related_name="courses")
    name = models.CharField(_("name"), max_length=120)
    code = models.CharField(_("code"), max_length=40, blank=True)
    external_id = models.CharField(_("id in the school's own system"), max_length=255, blank=True)
    language = models.CharField(_("language"), max_length=16, default="en")
    collection = models.ForeignKey(
        "retrieval.Collection", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("material")
    )
    class_code = models.CharField(_("class code"), max_length=16, null=True, unique=True, editable=False)
    guardians_may_read = models.BooleanField(_("guardians may read released results"), default=False)
    regrade_days = models.PositiveSmallIntegerField(_("days to ask for a regrade"), default=14)
    feedback_tone = models.CharField(_("tone of feedback drafts"), max_length=16, choices=Tone, default=Tone.PLAIN)
    feedback_length = models.CharField(
        _("length of feedback drafts"), max_length=16, choices=Length, default=Length.MEDIUM
    )
    is_demo = models.BooleanField(default=False, editable=False)
    archived_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("course")
        ordering: ClassVar = ["name", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~models.Q(external_id=""),
                name="tutor_course_external_id",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def archived(self) -> bool:
        """Whether it was taken out of the lists."""
        return self.archived_at is not None


class CourseStaff(OrganisationOwned):
    """One person's part in a course."""

    class Role(models.TextChoices):
        TEACHER = "teacher", _("Teacher")
        ASSISTANT = "assistant", pgettext_lazy("of a course", "Assistant")
        SECOND_MARKER = "second_marker", _("Second marker")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="staff")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    role = models.CharField(_("role"), max_length=16, choices=Role)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "person"], name="tutor_staff_once")]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class Learner(Findable, OrganisationOwned):
    """A pupil or student of the organisation; the subject of everything under the kind "learner".

    ``person`` is who signs in. A pupil without an e-mail address joins with a class code and a number of
    their own; the account made for them has an address that no mail reaches.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    name = EncryptedTextField(_("name"), subject_kind="learner", subject_attribute="id")
    email = EncryptedTextField(_("e-mail address"), subject_kind="learner", subject_attribute="id", default="")
    number = EncryptedTextField(_("student number"), subject_kind="learner", subject_attribute="id", default="")
    external_id = EncryptedTextField(
        _("id in the school's own system"), subject_kind="learner", subject_attribute="id", null=True
    )
    name_index = BlindIndexField(source="name", kind="name", purpose="tutor.learner.name")
    identifier_index = BlindIndexField(source="email,number", kind="identifier", purpose="tutor.learner.identifier")
    external_index = BlindIndexField(source="external_id", kind="identifier", purpose="tutor.learner.external")
    pin_hash = models.CharField(max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("learner")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "person"],
                condition=models.Q(person__isnull=False),
                name="tutor_learner_person",
            ),
        ]
        indexes: ClassVar = [
            index_of("name_index", name="tutor_learner_name"),
            index_of("identifier_index", name="tutor_learner_identifier"),
            index_of("external_index", name="tutor_learner_external"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Enrolment(OrganisationOwned):
    """A learner in a course. ``groups`` are the school's own words for the fairness page, such as "extra time"."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="enrolments")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="enrolments")
    section = models.CharField(_("section"), max_length=40, blank=True)
    groups = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("groups"))
    enrolled_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "learner"], name="tutor_enrolment_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Guardian(OrganisationOwned):
    """A person who may read a learner's released results where the course allows it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="guardians")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["learner", "person"], name="tutor_guardian_once")]

    def __str__(self) -> str:
        return str(self.pk)


class Skill(OrganisationOwned):
    """Something that is learnt in a course; questions and exercises name the skills that they need."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="skills")
    name = models.CharField(_("name"), max_length=120)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["course", "name"], name="tutor_skill_name")]

    def __str__(self) -> str:
        return self.name
