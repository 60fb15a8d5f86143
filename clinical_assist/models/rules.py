"""How often a rule fires and what is done about it, without saying for whom."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField


class RuleFiring(OrganisationOwned):
    """One rule that fired in an alert, and what became of it. It names no patient: what was said is with a plan's line.

    ``under`` is the count of the rule that led where several stood on one card.
    """

    class Outcome(models.TextChoices):
        SHOWN = "shown", _("Shown")
        ACCEPTED = "accepted", _("Order changed or removed")
        OVERRIDDEN = "overridden", _("Overridden")

    class Place(models.TextChoices):
        ENTRY = "entry", _("At entry")
        SIGNING = "signing", _("At signing")
        HOOK = "hook", _("Through CDS Hooks")

    rule = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)
    tier = models.PositiveSmallIntegerField()
    place = models.CharField(max_length=16, choices=Place)
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.SHOWN)
    # Version and digest of the tables that it was found by; empty for what is no rule of them.
    version = models.CharField(max_length=80, blank=True)
    # A code of HL7's non-adherence reasons.
    reason_code = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(default=timezone.now)
    under = models.ForeignKey("self", models.CASCADE, null=True, related_name="further")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["organisation", "rule", "at"], name="clinical_firing_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {self.outcome}"


class RuleReview(OrganisationOwned):
    """What somebody found when they looked at a rule that is often overridden. It changes nothing of the rule.

    ``fired`` and ``overridden`` are the figures that were looked at, of the days from ``since`` to ``until``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    rule = models.CharField(max_length=200)
    note = EncryptedTextField(_("what was found"), subject_kind="organisation", subject_attribute="organisation_id")
    fired = models.PositiveIntegerField()
    overridden = models.PositiveIntegerField()
    since = models.DateField()
    until = models.DateField()
    by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at"]
        indexes: ClassVar = [models.Index(fields=["organisation", "rule", "at"], name="clinical_review_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {self.at}"
