"""Acts on many rows at once, which take longer than a page may wait."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course
from tutor.models.marking import ProposalRun
from tutor.models.work import Assignment


class BulkAct(OrganisationOwned):
    """An act on many rows that somebody asked for and a worker does, all of it or nothing.

    ``given`` holds ids and choices, ``content`` an uploaded file, ``result`` what is handed out: a sheet, the cards, or
    what a file of marks would do. ``report`` says how it went in counts; it names nobody. ``key`` is the same for the
    same act of the same person, so that asking for it twice begins it once.
    """

    class Kind(models.TextChoices):
        RELEASE = "release", _("Release of results")
        WITHDRAWAL = "withdrawal", _("Results taken back")
        SHEET = "sheet", _("Sheet for marking outside")
        MARKS_CHECK = "marks_check", _("What a file of marks would do")
        MARKS = "marks", _("Import of marks")
        MARKS_UNDO = "marks_undo", _("Imported marks taken back")
        CARDS = "cards", _("Cards")
        GROUP_MARKS = "group_marks", _("Marks for a group")
        CONFIRMING = "confirming", _("Confirming of proposals")
        GROUP_UNDO = "group_undo", _("Marks given together taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(Course, models.CASCADE, related_name="+")
    assignment = models.ForeignKey(Assignment, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind)
    key = models.CharField(max_length=64)
    given = models.JSONField(default=dict)
    content = EncryptedTextField(subject_kind="organisation", subject_attribute="organisation_id", default="")
    result = EncryptedTextField(subject_kind="organisation", subject_attribute="organisation_id", default="")
    report = models.JSONField(default=dict)
    # Of who asked: what went wrong is said in it.
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=16, choices=ProposalRun.State, default=ProposalRun.State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=60, blank=True)
    requested_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # How many workers have begun it.
    tries = models.PositiveSmallIntegerField(default=0)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "key"], condition=Q(state__in=["queued", "running"]), name="tutor_bulk_at_work"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
