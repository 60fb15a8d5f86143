from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.console.log.progress import last_progress

# A check that waited or said nothing for so long was lost with its worker; one that never said anything may be reading
# the stores outside first.
SILENT = timedelta(minutes=15)
SPEECHLESS = timedelta(hours=2)


class CheckState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("At work")
    DONE = "done", _("Done")
    FAILED = "failed", _("Broken off")


class LogCheck(OrganisationOwned):
    """One verification of an organisation's log, asked for on the page or by the clock, and what it found.

    ``total`` is how many entries had a position when it was asked for; ``report`` the verification's own report.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(_("state"), max_length=16, choices=CheckState, default=CheckState.QUEUED)
    total = models.BigIntegerField(_("entries"), default=0)
    report = models.JSONField(_("report"), default=dict)
    asked_by_id = models.UUIDField(_("asked by"), null=True)
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    started_at = models.DateTimeField(_("began"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("check of the log")
        verbose_name_plural = _("checks of the log")
        indexes: ClassVar = [models.Index(fields=["organisation", "-asked_at"], name="console_check_newest")]

    def __str__(self) -> str:
        return f"{self.state} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def is_under_way(self) -> bool:
        """Say whether it waits or works; one that was lost counts as over."""
        if self.state == CheckState.QUEUED:
            return self.asked_at > timezone.now() - SILENT
        return self.state == CheckState.RUNNING and not self.is_lost

    @property
    def is_lost(self) -> bool:
        """Say whether it began and its worker fell silent."""
        if self.state != CheckState.RUNNING:
            return False
        _done, heard_at = last_progress(self.pk)
        if heard_at is not None:
            return heard_at <= timezone.now() - SILENT
        return (self.started_at or self.asked_at) <= timezone.now() - SPEECHLESS
