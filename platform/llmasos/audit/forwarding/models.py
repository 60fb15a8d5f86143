from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Cursor(models.Model):
    """How far one log got to one destination: every entry up to ``seq`` was taken there.

    ``leased_until`` keeps a second worker from sending the same entries at the same time.
    """

    organisation_id = models.UUIDField(_("organisation"))
    destination = models.CharField(_("destination"), max_length=255)
    seq = models.BigIntegerField(_("number"), default=0)
    forwarded_at = models.DateTimeField(_("forwarded"), null=True)
    attempts = models.PositiveIntegerField(_("failed attempts"), default=0)
    problem = models.CharField(_("problem"), max_length=255, blank=True)
    try_after = models.DateTimeField(_("tried again after"), null=True)
    leased_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("place that a log was forwarded up to")
        verbose_name_plural = _("places that logs were forwarded up to")
        constraints = [
            models.UniqueConstraint(fields=["organisation_id", "destination"], name="audit_forwarding_one_cursor"),
        ]

    def __str__(self) -> str:
        return f"{self.destination}: {self.seq}"
