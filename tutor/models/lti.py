"""Learning platforms that launch the tutor (LTI 1.3): who they are, and what of theirs is what of ours."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course, Learner
from tutor.models.marking import ProposalRun
from tutor.models.work import Assignment


class LtiPlatform(OrganisationOwned):
    """A registered platform. ``private_key`` (PEM) signs what we send to it; its public half is at our key-set URL."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=80)
    issuer = models.CharField(_("issuer"), max_length=255)
    client_id = models.CharField(_("client id"), max_length=255)
    deployment_ids = ArrayField(models.CharField(max_length=255), verbose_name=_("deployment ids"))
    key_set_url = models.CharField(_("key-set address"), max_length=400)
    authorisation_url = models.CharField(_("authorisation address"), max_length=400)
    token_url = models.CharField(_("token address"), max_length=400)
    service_url = models.CharField(_("address of the platform itself"), max_length=400, blank=True)
    private_key = EncryptedTextField(subject_kind="organisation", subject_attribute="organisation_id")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering: ClassVar = ["name", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "issuer", "client_id"], name="tutor_lti_client"),
        ]

    def __str__(self) -> str:
        return self.name


class LtiAccount(OrganisationOwned):
    """Whose account a user of a platform is; ``digest`` is of the platform's ``sub``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform = models.ForeignKey(LtiPlatform, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["platform", "digest"], name="tutor_lti_account")]

    def __str__(self) -> str:
        return str(self.pk)


class LtiLearner(OrganisationOwned):
    """Which learner a user of a platform is, and the ``sub`` under which the platform takes their scores."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform = models.ForeignKey(LtiPlatform, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    sub = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["platform", "digest"], name="tutor_lti_learner")]

    def __str__(self) -> str:
        return str(self.pk)


class LtiContext(OrganisationOwned):
    """A class of a platform and the course that it is here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    platform = models.ForeignKey(LtiPlatform, models.CASCADE, related_name="contexts")
    deployment_id = models.CharField(max_length=255)
    context_id = models.CharField(max_length=255)
    course = models.ForeignKey(Course, models.CASCADE, related_name="+")
    memberships_url = models.CharField(max_length=800, blank=True)
    # The latest reading of the class list: "" where it was never asked for.
    members_state = models.CharField(max_length=16, choices=ProposalRun.State, blank=True)
    members_error = models.CharField(max_length=60, blank=True)
    members_counts = models.JSONField(default=dict)
    members_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["platform", "deployment_id", "context_id"], name="tutor_lti_context"),
        ]

    def __str__(self) -> str:
        return self.context_id


class LtiLink(OrganisationOwned):
    """A link in a class of a platform and the assignment that it opens; without one it opens the course."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    context = models.ForeignKey(LtiContext, models.CASCADE, related_name="links")
    resource_link_id = models.CharField(max_length=255)
    assignment = models.ForeignKey(Assignment, models.CASCADE, null=True, related_name="+")
    line_item_url = models.CharField(max_length=800, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["context", "resource_link_id"], name="tutor_lti_link"),
        ]

    def __str__(self) -> str:
        return self.resource_link_id


class LtiScore(OrganisationOwned):
    """What of a learner's released score stands on the platform, or is on its way there."""

    class State(models.TextChoices):
        WAITING = "waiting", _("On its way")
        SENT = "sent", _("Stands on the platform")
        TAKEN_BACK = "taken_back", _("Taken back")
        CHANGED = "changed", _("Changed on the platform")
        FAILED = "failed", _("Not taken")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    link = models.ForeignKey(LtiLink, models.CASCADE, related_name="scores")
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="+")
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    error_code = models.CharField(max_length=60, blank=True)
    # Somebody who teaches the course has said that a score that was changed there is to be overwritten.
    overwrites = models.BooleanField(default=False)
    # What was sent last, and of how many; None where nothing of ours stands there.
    points = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    maximum = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["link", "learner"], name="tutor_lti_score")]

    def __str__(self) -> str:
        return str(self.pk)
