from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.privacy.fields import SubjectTextField
from llmasos.privacy.models import SubjectOwned

LONGEST_NOTE = 2_000
# By when somebody else has to have looked at a grant.
REVIEW_WITHIN = timedelta(hours=72)


class Reason(models.TextChoices):
    EMERGENCY = "emergency", _("Danger to life or health")
    COVER = "cover", _("Standing in for a colleague")
    PERSON_ASKED = "person_asked", _("The person concerned asked for help")
    SAFETY = "safety", _("Danger to somebody else")
    LEGAL = "legal", _("Duty by law, or a court’s order")
    FAULT = "fault", _("A fault that shows only in these data")
    OTHER = "other", _("Another reason")


class Verdict(models.TextChoices):
    JUSTIFIED = "justified", _("Justified")
    NOT_JUSTIFIED = "not_justified", _("Not justified")
    FOLLOW_UP = "follow_up", _("Needs follow-up")


CLOSING = (Verdict.JUSTIFIED, Verdict.NOT_JUSTIFIED)


class Grant(SubjectOwned):
    """One person's access to one subject, from ``granted_at`` until ``expires_at`` or its earlier end.

    The person is named by id without a foreign key: the grant outlives the account, as the log does.
    """

    person_id = models.UUIDField(_("who"))
    role = models.CharField(_("role"), max_length=128)
    reason = models.CharField(_("reason"), max_length=32, choices=Reason)
    note = SubjectTextField(_("in words"), null=True, validators=[MaxLengthValidator(LONGEST_NOTE)])
    granted_at = models.DateTimeField(_("from"), default=timezone.now)
    expires_at = models.DateTimeField(_("until"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    announced_at = models.DateTimeField(_("announced"), null=True)

    class Meta:
        verbose_name = _("emergency access")
        verbose_name_plural = _("emergency accesses")
        indexes: ClassVar = [
            models.Index(fields=["organisation", "person_id", "expires_at"], name="breakglass_grant_of_person"),
            models.Index(fields=["organisation", "granted_at"], name="breakglass_grant_by_time"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("granted_at")), name="breakglass_grant_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}"

    @property
    def is_active(self) -> bool:
        return self.ended_at is None and self.expires_at > timezone.now()

    @property
    def over_at(self) -> datetime:
        """Return when access ended or will end."""
        return self.ended_at or self.expires_at

    @property
    def review_due_at(self) -> datetime:
        return self.granted_at + REVIEW_WITHIN


class Review(SubjectOwned):
    """What somebody else found about a grant. The last one counts; none is ever changed."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="reviews")
    reviewer_id = models.UUIDField(_("reviewed by"))
    verdict = models.CharField(_("finding"), max_length=16, choices=Verdict)
    note = SubjectTextField(_("note"), null=True, validators=[MaxLengthValidator(LONGEST_NOTE)])
    reviewed_at = models.DateTimeField(_("reviewed"), default=timezone.now)

    class Meta:
        verbose_name = _("review of emergency access")
        verbose_name_plural = _("reviews of emergency access")
        ordering: ClassVar = ["reviewed_at"]

    def __str__(self) -> str:
        return f"{self.verdict} {self.reviewed_at:%Y-%m-%d}"
