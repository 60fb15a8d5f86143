from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SubjectKey(models.Model):
    """The data key of one subject (a patient, a student, a customer) in one organisation.

    It is stored wrapped under a key-encryption key. Destroying it makes everything sealed under it
    unreadable, in backups as well; the row stays, so that the key is never made anew.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation_id = models.UUIDField(_("organisation"))
    subject_kind = models.CharField(_("kind of subject"), max_length=64)
    subject_id = models.UUIDField(_("subject"))
    wrapped_key = models.BinaryField(null=True)
    key_id = models.CharField(_("key-encryption key"), max_length=64)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    destroyed_at = models.DateTimeField(_("destroyed"), null=True)

    class Meta:
        verbose_name = _("subject's key")
        verbose_name_plural = _("subjects' keys")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation_id", "subject_kind", "subject_id"], name="vault_one_key_per_subject"
            ),
            models.CheckConstraint(
                condition=models.Q(wrapped_key__isnull=False, destroyed_at__isnull=True)
                | models.Q(wrapped_key__isnull=True, destroyed_at__isnull=False),
                name="vault_key_is_there_or_destroyed",
            ),
        ]
        indexes = [models.Index(fields=["key_id"], name="vault_by_key_encryption_key")]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id}"
