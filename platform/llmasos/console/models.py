from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned

# A check that said nothing for so long was lost with its worker.
SILENT = timedelta(minutes=15)


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
        since = self.started_at or self.asked_at
        return self.state in (CheckState.QUEUED, CheckState.RUNNING) and since > timezone.now() - SILENT
