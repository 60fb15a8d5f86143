"""Models of verdicts that organisations trained on their own marks."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from llmasos.accounts.tenancy import OrganisationOwned


class GradingModel(OrganisationOwned):
    """A model as skops wrote it: weights, and a card that says what it learnt from; no text of anybody.

    It lies in the database, so that every worker finds it and a backup has it. One of an organisation is in use, or
    none: then the packaged one is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    card = models.JSONField(default=dict)
    in_use = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="tutor_gradingmodel_digest"),
            models.UniqueConstraint(fields=["organisation"], condition=Q(in_use=True), name="tutor_gradingmodel_used"),
        ]

    def __str__(self) -> str:
        return self.digest[:12]
