"""Requests, erasures, consent, retention and holds. What people wrote is sealed under the subject's own key."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.audit.types import Ref
from llmasos.privacy.fields import SubjectTextField
from llmasos.vault.fields import EncryptedTextField

LONGEST_TEXT = 5_000


class SubjectOwned(OrganisationOwned):
    """A row about one subject."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_kind = models.CharField(_("kind of person"), max_length=64)
    subject_id = models.UUIDField(_("whose data"))

    class Meta:
        abstract = True

    @property
    def subject(self) -> Ref:
        return Ref(self.subject_kind, self.subject_id)


class RequestKind(models.TextChoices):
    ACCESS = "access", _("Copy of the data")
    CORRECTION = "correction", _("Correction")
    ERASURE = "erasure", _("Erasure")
    OBJECTION = "objection", _("Objection")


class RequestState(models.TextChoices):
    NEW = "new", _("New")
    WORKING = "working", _("In work")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


OPEN_STATES = (RequestState.NEW, RequestState.WORKING)


class Request(SubjectOwned):
    """What somebody asks about their own data, with the day by which it must be answered.

    The texts are unreadable once the subject is erased; kind, times and decision stay.
    """

    kind = models.CharField(_("request"), max_length=16, choices=RequestKind)
    state = models.CharField(_("state"), max_length=16, choices=RequestState, default=RequestState.NEW)
    # The texts are null where nothing was written, and once the subject is erased.
    details = SubjectTextField(_("in their words"), null=True, validators=[MaxLengthValidator(LONGEST_TEXT)])
    made_by_kind = models.CharField(max_length=32)
    made_by_id = models.UUIDField(null=True)
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    due_at = models.DateTimeField(_("due"))
    extended_at = models.DateTimeField(_("extended"), null=True)
    extension_reason = SubjectTextField(_("why more time is needed"), null=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    decided_by_id = models.UUIDField(null=True)
    decision_reason = SubjectTextField(_("reason"), null=True)

    class Meta:
        verbose_name = _("privacy request")
        verbose_name_plural = _("privacy requests")
        indexes: ClassVar = [
            models.Index(fields=["organisation", "state", "due_at"], name="privacy_request_due"),
            models.Index(fields=["organisation", "subject_id"], name="privacy_request_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at < timezone.now()


class Note(SubjectOwned):
    """What somebody who works on a request wrote down."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="notes")
    text = SubjectTextField(_("note"), null=True, validators=[MaxLengthValidator(LONGEST_TEXT)])
    written_by_id = models.UUIDField(null=True)
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["written_at"]

    def __str__(self) -> str:
        return str(self.pk)


class ErasureState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("At work")
    DONE = "done", _("Done")


class Erasure(SubjectOwned):
    """The erasure of one subject: which stores are done, and at the end a report without personal data.

    ``steps`` is a list of ``{store, removed, outside}``: removed in the database and beside it; a worker that is lost
    is followed by another, which repeats no harm since each step may be taken twice. ``report_digest`` is the SHA-256
    of the report's canonical form; the log entry of the end carries it, under the next signed checkpoint.
    """

    request = models.ForeignKey(Request, models.SET_NULL, null=True, related_name="erasures")
    state = models.CharField(_("state"), max_length=16, choices=ErasureState, default=ErasureState.QUEUED)
    requested_by_kind = models.CharField(max_length=32)
    requested_by_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True)
    attempts = models.PositiveIntegerField(default=0)
    steps = models.JSONField(default=list)
    report = models.JSONField(default=dict)
    report_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "subject_kind", "subject_id"],
                condition=~Q(state="done"),
                name="privacy_one_erasure_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} ({self.state})"


class ConsentText(OrganisationOwned):
    """The words that people consent to, by purpose and version; never changed once published."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.SlugField(_("purpose"), max_length=64)
    version = models.PositiveIntegerField(_("version"))
    language = models.CharField(_("language"), max_length=16, default="en")
    text = models.TextField(_("text"))
    digest = models.CharField(max_length=64)
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "purpose", "version", "language"], name="privacy_consent_text_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.version} ({self.language})"


class Consent(SubjectOwned):
    """That a subject consented to one version of a text, recorded by whom, and perhaps withdrew."""

    text = models.ForeignKey(ConsentText, models.PROTECT, related_name="+")
    purpose = models.SlugField(_("purpose"), max_length=64)
    given_at = models.DateTimeField(_("given"), default=timezone.now)
    recorded_by_kind = models.CharField(max_length=32)
    recorded_by_id = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)
    withdrawn_by_kind = models.CharField(max_length=32, blank=True)
    withdrawn_by_id = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "subject_kind", "subject_id", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
                name="privacy_one_consent_a_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.given_at:%Y-%m-%d}"


class RetentionPeriod(OrganisationOwned):
    """An organisation's own period for a class of data; without a row the class's default holds."""

    code = models.CharField(_("class"), max_length=64)
    days = models.PositiveIntegerField(_("days"), null=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "code"], name="privacy_one_period_a_class")
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.days}"


class LegalHold(OrganisationOwned):
    """A duty to keep the data of one subject, or of one class: neither expired nor erased until it is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_kind = models.CharField(_("kind of person"), max_length=64, blank=True)
    subject_id = models.UUIDField(_("whose data"), null=True, blank=True)
    retention_class = models.CharField(_("class"), max_length=64, blank=True)
    reason = EncryptedTextField(
        _("reason"),
        subject_kind="organisation",
        subject_attribute="organisation_id",
        validators=[MaxLengthValidator(1_000)],
    )
    placed_by_id = models.UUIDField(null=True)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now)
    lifted_by_id = models.UUIDField(null=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(subject_id__isnull=False, retention_class="") & ~Q(subject_kind="")
                | Q(subject_id__isnull=True, subject_kind="") & ~Q(retention_class=""),
                name="privacy_hold_on_subject_or_class",
            )
        ]

    def __str__(self) -> str:
        return self.retention_class or f"{self.subject_kind}:{self.subject_id}"

    @property
    def is_active(self) -> bool:
        return self.lifted_at is None
