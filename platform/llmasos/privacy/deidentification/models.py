"""The versions of an organisation's de-identification policy, and the maps that lead back from surrogates."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned

DEFAULT_THRESHOLD = 0.5


class Policy(OrganisationOwned):
    """What is done with each type of finding. A version is never changed: the newest one holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.PositiveIntegerField(_("version"))
    treatments = models.JSONField(_("treatment of each type"))
    threshold = models.FloatField(_("least score"), default=DEFAULT_THRESHOLD)
    protects_outside = models.BooleanField(_("prompts to outside models pass through it"), default=True)
    created_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    created_by_id = models.UUIDField(null=True, editable=False)

    class Meta:
        verbose_name = _("de-identification policy")
        verbose_name_plural = _("de-identification policies")
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "version"], name="deidentification_policy_version"),
            models.CheckConstraint(
                condition=models.Q(threshold__gte=0.0, threshold__lte=1.0), name="deidentification_policy_threshold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class SurrogateMap(OrganisationOwned):
    """What the surrogates of one text stand for, sealed under the subject's key: it is erased with that key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_kind = models.CharField(max_length=64)
    subject_id = models.UUIDField()
    sealed = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("map of surrogates")
        verbose_name_plural = _("maps of surrogates")
        indexes: ClassVar = [
            models.Index(fields=["organisation", "subject_kind", "subject_id"], name="deidentification_map_subject")
        ]

    def __str__(self) -> str:
        return f"{self.id}"
