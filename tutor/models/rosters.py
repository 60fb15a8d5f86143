"""Roster files on their way: sealed until they are applied, then gone."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course
from tutor.models.marking import ProposalRun


class RosterImport(OrganisationOwned):
    """Uploaded roster files: checked by a job, shown, and applied by another.

    With a ``course`` it is the class list of that course alone. ``requested_by_program`` is the id of an API key or of
    a service account. ``report`` says what they would do, or did: counts, and faults by file and line. It names nobody.
    """

    class Step(models.TextChoices):
        CHECK = "check", _("Checking")
        APPLY = "apply", _("Applying")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Base64 of the bytes; empty once they are applied or discarded.
    content = EncryptedTextField(subject_kind="organisation", subject_attribute="organisation_id", default="")
    step = models.CharField(max_length=16, choices=Step, default=Step.CHECK)
    state = models.CharField(max_length=16, choices=ProposalRun.State, default=ProposalRun.State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    report = models.JSONField(default=dict)
    error_code = models.CharField(max_length=60, blank=True)
    course = models.ForeignKey(Course, models.CASCADE, null=True, related_name="+")
    requested_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    requested_by_program = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)
