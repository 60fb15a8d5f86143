"""Replies to programs' writes, kept for a day so that a repeated request has one effect."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from llmasos.accounts.tenancy import OrganisationOwned


class KeptReply(OrganisationOwned):
    """What a write under an idempotency key answered. Replies to writes hold ids and no personal words."""

    actor_kind = models.CharField(max_length=16)
    actor_id = models.UUIDField()
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.JSONField(encoder=DjangoJSONEncoder, null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "actor_kind", "actor_id", "key"], name="api_kept_reply_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["organisation", "created_at"], name="api_kept_reply_age")]

    def __str__(self) -> str:
        return str(self.pk)
