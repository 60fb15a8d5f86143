"""How a clinic governs what the machine proposes: who leads, what is stopped, and which tables it works with."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField

LONGEST_WORDS = 2_000


class MedicalLead(OrganisationOwned):
    """A clinician whom an administrator named to answer for what the machine proposes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    named_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "person"], condition=models.Q(until=None), name="clinical_lead_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class StopSwitch(OrganisationOwned):
    """One turn of a function's switch. Rows are kept; the latest of a function decides, and without one it runs."""

    class Function(models.TextChoices):
        RECOGNITION = "recognition", _("Recognition of findings in text")
        DIFFERENTIAL = "differential", _("Differential")
        PLAN = "plan", _("Plan drafts")
        CHECKS = "checks", _("Checks of medicines")
        NOTE = "note", _("Note drafts")
        HOOKS = "hooks", _("Cards for other systems (CDS Hooks)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    function = models.CharField(max_length=16, choices=Function)
    stopped = models.BooleanField()
    reason = EncryptedTextField(
        _("reason"),
        subject_kind="organisation",
        subject_attribute="organisation_id",
        validators=[MaxLengthValidator(LONGEST_WORDS)],
    )
    by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["organisation", "function", "-at"], name="clinical_switch_latest")]

    def __str__(self) -> str:
        return f"{self.function} {'stopped' if self.stopped else 'started'}"


class KnowledgeVersion(OrganisationOwned):
    """One version of the tables of a kind that an organisation proposed, reviewed and perhaps works with.

    ``content`` is never changed; what was measured of it is in ``figures``. One version a kind is active; without one,
    the organisation works with what comes with the application. ``note`` and ``review_note`` say why.
    """

    class Kind(models.TextChoices):
        KNOWLEDGE = "knowledge", _("Conditions and findings")
        MEDICINES = "medicines", _("Medicines")
        ORDERSETS = "ordersets", _("Order sets")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        REVIEWED = "reviewed", _("Reviewed")
        REJECTED = "rejected", _("Rejected")
        ACTIVE = "active", _("In use")
        RETIRED = "retired", _("No longer in use")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind)
    number = models.PositiveIntegerField()
    content = models.TextField()
    digest = models.CharField(max_length=64)
    # The digest of what it was made from, which it is compared with until it is in use.
    base_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=16, choices=State, default=State.PROPOSED)
    figures = models.JSONField(null=True)
    note = EncryptedTextField(
        _("What was changed and why"),
        subject_kind="organisation",
        subject_attribute="organisation_id",
        validators=[MaxLengthValidator(LONGEST_WORDS)],
    )
    review_note = EncryptedTextField(
        _("Finding of the review"),
        subject_kind="organisation",
        subject_attribute="organisation_id",
        default="",
        blank=True,
        validators=[MaxLengthValidator(LONGEST_WORDS)],
    )
    proposed_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    reviewed_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "kind", "number"], name="clinical_version_number"),
            models.UniqueConstraint(
                fields=["organisation", "kind"], condition=models.Q(state="active"), name="clinical_version_in_use"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ReferenceCollection(OrganisationOwned):
    """A collection of licensed text from which passages are quoted beside options."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey("retrieval.Collection", models.CASCADE, related_name="+")
    chosen_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "collection"], name="clinical_reference_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class ReaderSetting(OrganisationOwned):
    """How a clinician wants the pages: whether the own list is asked for before the machine's is shown."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    own_list_first = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "person"], name="clinical_reader_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Feedback(OrganisationOwned):
    """What a clinician said of a suggestion, and what was answered. It names no patient."""

    class State(models.TextChoices):
        OPEN = "open", _("Not looked at")
        UNDER_WAY = "under_way", _("Being looked at")
        CHANGED = "changed", _("Something was changed")
        CLOSED = "closed", _("Nothing to change")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A page of ``governance.about`` and what of it: a condition's or a rule's code.
    about = models.CharField(max_length=40)
    suggestion = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=80, blank=True)
    is_good = models.BooleanField()
    words = EncryptedTextField(
        _("In your words"),
        subject_kind="organisation",
        subject_attribute="organisation_id",
        default="",
        blank=True,
        validators=[MaxLengthValidator(LONGEST_WORDS)],
    )
    given_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=State, default=State.OPEN)
    answer = EncryptedTextField(
        pgettext_lazy("to feedback", "Answer"),
        subject_kind="organisation",
        subject_attribute="organisation_id",
        default="",
        blank=True,
        validators=[MaxLengthValidator(LONGEST_WORDS)],
    )
    answered_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-given_at"]
        indexes: ClassVar = [models.Index(fields=["organisation", "state"], name="clinical_feedback_state")]

    def __str__(self) -> str:
        return f"{self.about} {self.pk}"
