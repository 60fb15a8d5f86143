"""What came from other systems and what goes to them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from llmasos.accounts.tenancy import OrganisationOwned
from tutor.models.work import Assignment


class MarksImport(OrganisationOwned):
    """Marks of an assignment taken over from one file, undone as a whole.

    Who brought them in is a person, or a ``program``: the id of an API key or of a service account.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="marks_imports")
    person = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    program = models.UUIDField(null=True)
    count = models.PositiveIntegerField()
    # A client's own id for the act, so that a repeated request has one effect.
    client_id = models.UUIDField(unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)
