"""Other systems: imports of their records, programs that read ours, and callers of decision support."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinical_assist.models.rules import RuleFiring
from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedJSONField, EncryptedTextField


class FhirImport(OrganisationOwned):
    """One import of bundles. ``upload`` is there until it was read; ``report`` has the entries that were not taken.

    ``counts`` are created, updated, unchanged, skipped and rejected entries, and those skipped by type.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Waiting for your word")
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Being imported")
        DONE = "done", _("Imported")
        FAILED = "failed", _("Not imported")
        UNDONE = "undone", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    state = models.CharField(max_length=16, choices=State, default=State.UPLOADED)
    # File names and texts as [name, text]; empty once they were read.
    upload = EncryptedJSONField(subject_kind="organisation", subject_attribute="organisation_id", default=list)
    report = EncryptedJSONField(subject_kind="organisation", subject_attribute="organisation_id", default=list)
    counts = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    failure = EncryptedTextField(subject_kind="organisation", subject_attribute="organisation_id", default="")
    # Who becomes responsible for patients that were not known here.
    clinician = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return str(self.pk)


class FhirClient(OrganisationOwned):
    """A program that reads records over FHIR (SMART backend services).

    Its public keys are in ``key_set``, or at ``key_set_url`` where that is given.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    key_set = models.JSONField(_("key set (JWKS)"), default=dict, blank=True)
    key_set_url = models.CharField(_("address of the key set"), max_length=400, default="", blank=True)
    scopes = ArrayField(models.CharField(max_length=80), verbose_name=_("what it may read"))
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name", "created_at"]

    def __str__(self) -> str:
        return self.name


class FhirToken(OrganisationOwned):
    """An access token of a client, kept as its digest."""

    client = models.ForeignKey(FhirClient, models.CASCADE, related_name="tokens")
    digest = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=80))
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["digest"], name="clinical_fhir_token")]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="clinical_fhir_token_end")]

    def __str__(self) -> str:
        return str(self.pk)


class HookCaller(OrganisationOwned):
    """A clinical system that calls our decision-support services. ``origins`` are those of its pages in browsers.

    Its public keys are in ``key_set``, or at ``key_set_url`` where that is given.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    issuer = models.CharField(_("issuer"), max_length=255)
    key_set = models.JSONField(_("key set (JWKS)"), default=dict, blank=True)
    key_set_url = models.CharField(_("address of the key set"), max_length=400, default="", blank=True)
    origins = ArrayField(models.CharField(max_length=255), verbose_name=_("origins of its pages"), default=list)
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering: ClassVar = ["name", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "issuer"], condition=models.Q(revoked_at=None), name="clinical_hook_issuer"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HookCard(OrganisationOwned):
    """A card that a caller was given, so that its feedback finds the rules. It says nothing of the patient.

    ``firing`` is of the rule that leads; those of the rules under it are its ``further``.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    caller = models.ForeignKey(HookCaller, models.CASCADE, related_name="cards")
    service = models.CharField(max_length=40)
    firing = models.OneToOneField(RuleFiring, models.CASCADE, related_name="card")

    def __str__(self) -> str:
        return str(self.pk)
