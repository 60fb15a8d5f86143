"""Runs (what was asked of a model, without its text) and the catalogue of models."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned


class RunState(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    ABSTAINED = "abstained", _("Abstained")
    HANDED_OVER = "handed_over", _("Handed over")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


LIVE_STATES = (RunState.QUEUED, RunState.RUNNING)


class Run(OrganisationOwned):
    """One request to a model, and the truth about how far it is. Prompts and outputs are never here.

    A run is queued until an attempt claims it by compare-and-set, which writes a new attempt token.
    Only the holder of that token may renew the lease or end the run. A lapsed lease means that
    nobody is working on it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    principal_kind = models.CharField(max_length=16)
    principal_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=64)
    engine = models.CharField(max_length=32)
    model = models.CharField(max_length=200, blank=True, db_default="")
    model_digest = models.CharField(max_length=64, blank=True, db_default="")
    state = models.CharField(max_length=16, choices=RunState, default=RunState.QUEUED, db_default=RunState.QUEUED)
    priority = models.SmallIntegerField(default=0, db_default=0)
    size = models.PositiveIntegerField(default=0, db_default=0)
    idempotency_key = models.CharField(max_length=200, null=True)
    # The request that asked for it, as both logs name it; empty for work of the platform's own.
    request_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    attempts = models.PositiveIntegerField(default=0, db_default=0)
    deliveries = models.PositiveIntegerField(default=1, db_default=1)
    attempt_token = models.UUIDField(null=True)
    lease_expires_at = models.DateTimeField()
    heartbeat_at = models.DateTimeField(null=True)
    deadline = models.DateTimeField()
    cancel_requested_at = models.DateTimeField(null=True)
    shown = models.BooleanField(default=False, db_default=False)
    prompt_tokens = models.PositiveIntegerField(default=0, db_default=0)
    completion_tokens = models.PositiveIntegerField(default=0, db_default=0)
    queue_ms = models.FloatField(default=0, db_default=0)
    prefill_ms = models.FloatField(default=0, db_default=0)
    decode_ms = models.FloatField(default=0, db_default=0)
    finish_reason = models.CharField(max_length=32, blank=True, db_default="")
    error_code = models.CharField(max_length=64, blank=True, db_default="")
    retryable = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="inference_run_idempotency",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["lease_expires_at"],
                condition=Q(state__in=["queued", "running"]),
                name="inference_run_live",
            ),
            models.Index(fields=["organisation", "-created_at"], name="inference_run_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.state})"


class ModelTask(models.TextChoices):
    EMBED = "embed", _("Embeddings")
    GENERATE = "generate", _("Text generation")
    RERANK = "rerank", _("Ranking texts for a query")
    CLASSIFY = "classify", _("Classification")
    ANSWER_SPAN = "answer_span", _("Answers in a text")
    SCORE = "score", _("Likelihood of text")


class CatalogueEntry(models.Model):
    """A model that this installation may run; the same for every organisation."""

    name = models.CharField(max_length=200, unique=True)
    task = models.CharField(max_length=16, choices=ModelTask)
    backend = models.CharField(max_length=64)
    source = models.CharField(max_length=1000)
    digest = models.CharField(max_length=64, blank=True)
    licence = models.CharField(max_length=120, blank=True)
    # Where the key of a server is read from when it is needed: "env:NAME" or "file:/path". Never the key.
    key_source = models.CharField(max_length=500, blank=True)
    # Whether what it is given leaves the organisation's machines.
    is_outside = models.BooleanField(default=False)
    # Whether an operator lets this one folder bring code of its own.
    remote_code = models.BooleanField(default=False)
    dimensions = models.PositiveIntegerField(default=0)
    context_tokens = models.PositiveIntegerField(default=0)
    is_default = models.BooleanField(default=False)
    # A pinned model is never unloaded to save memory; a draining one takes no new requests.
    is_pinned = models.BooleanField(default=False)
    is_draining = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task"], condition=Q(is_default=True), name="inference_one_default_a_task"),
        ]
        ordering: ClassVar = ["task", "name"]

    def __str__(self) -> str:
        return self.name


class OrganisationDefault(OrganisationOwned):
    """The model that one organisation uses for a task where no model is named."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    task = models.CharField(max_length=16, choices=ModelTask)
    entry = models.ForeignKey(CatalogueEntry, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "task"], name="inference_one_default_an_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.task}: {self.entry_id}"


class Measure(models.TextChoices):
    REQUESTS = "requests", _("Requests")
    TOKENS = "tokens", _("Tokens")
    CONCURRENT = "concurrent", _("Requests at once")


class Period(models.TextChoices):
    MINUTE = "minute", _("a minute")
    DAY = "day", _("a day")
    MONTH = "month", _("a month")


class UsageLimit(OrganisationOwned):
    """How much an organisation, or one of its programs, may use of the models."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # Empty: the organisation as a whole. Else "key" or "service", as in a principal.
    program_kind = models.CharField(max_length=16, blank=True)
    program_id = models.UUIDField(null=True)
    measure = models.CharField(max_length=16, choices=Measure)
    # Empty for what runs at once.
    period = models.CharField(max_length=16, choices=Period, blank=True)
    amount = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "program_kind", "program_id", "measure", "period"],
                nulls_distinct=False,
                name="inference_one_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.measure} {self.period}".strip()
