"""Fitted parameters of the evidence estimate."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from llmasos.accounts.tenancy import OrganisationOwned


class Calibration(OrganisationOwned):
    """Weights and thresholds fitted to an organisation's labelled questions, for all or one of its collections."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    collection = models.ForeignKey("retrieval.Collection", models.CASCADE, null=True, blank=True, related_name="+")
    parameters = models.JSONField()
    n = models.PositiveIntegerField(help_text="Labelled questions that the fit used.")
    fitted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "collection"],
                name="answering_calibration_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"calibration of {self.organisation_id} on {self.n} questions"
