"""What markers set for the desk."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from llmasos.accounts.tenancy import OrganisationOwned
from tutor.models.work import Question, RubricVersion


class ReviewDial(OrganisationOwned):
    """From which confidence on the proposals for a question are only confirmed, as a teacher chose.

    It holds for proposals made with this rubric and this model: what people said of others does not carry over.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.OneToOneField(Question, models.CASCADE, related_name="dial")
    rubric = models.ForeignKey(RubricVersion, models.CASCADE, related_name="+")
    model_digest = models.CharField(max_length=64, blank=True)
    border = models.FloatField()
    # What was shown when it was chosen: the share that may be lost, and from how many marks.
    allowed = models.FloatField()
    marks = models.PositiveIntegerField()
    chosen_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    chosen_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(border__gte=0.0), name="tutor_dial_border"),
        ]

    def __str__(self) -> str:
        return str(self.question_id)
