"""What the quality pages keep: passages that answers share, and what tricks would gain. Neither holds a word."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone

from llmasos.accounts.tenancy import OrganisationOwned
from tutor.models.work import Answer, Question, RubricVersion


class SimilarPair(OrganisationOwned):
    """Two answers to a question with passages in common; the spans are of the characters of each text.

    ``words`` are the shared words of the answer that has fewer, ``share`` their part of the shorter answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="similar_pairs")
    first = models.ForeignKey(Answer, models.CASCADE, related_name="+")
    second = models.ForeignKey(Answer, models.CASCADE, related_name="+")
    words = models.PositiveIntegerField()
    share = models.FloatField()
    first_spans = models.JSONField(default=list)
    second_spans = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-share", "-words", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["first", "second"], name="tutor_similar_once")]

    def __str__(self) -> str:
        return str(self.pk)


class RobustnessCheck(OrganisationOwned):
    """What tricks would gain on a question under one version of its rubric and one model; never changed.

    ``results`` is a list of ``{"attack", "gain", "low", "high", "raised", "held"}``: the mean gain as a share of the
    scale with its 95 % interval, how many of the ``answers`` would get more, and for how many there would be no
    proposal.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.CASCADE, related_name="robustness_checks")
    rubric = models.ForeignKey(RubricVersion, models.CASCADE, related_name="+")
    model_digest = models.CharField(max_length=64, blank=True)
    answers = models.PositiveIntegerField()
    marks_seen = models.PositiveIntegerField()
    results = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)
