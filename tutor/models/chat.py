"""What learners ask the course's chat, and what it says."""

from __future__ import annotations

import json
import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField
from tutor.models.courses import Course, Learner
from tutor.models.work import Question


class ChatTurn(OrganisationOwned):
    """One message of a learner with its reply. Both are sealed under the learner's key.

    A guided reply names the open question that it does not answer, and a passage; its words are made when it is
    shown. ``readable_by_staff`` is what the learner was told when they wrote.
    """

    class Decision(models.TextChoices):
        PENDING = "pending", _("Being answered")
        ANSWERED = "answered", _("Answered from the material")
        UNKNOWN = "unknown", _("Nothing found in the material")
        GUIDED = "guided", _("Guided: it is about open work")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    learner = models.ForeignKey(Learner, models.CASCADE, related_name="chat_turns")
    course = models.ForeignKey(Course, models.CASCADE, related_name="+")
    text = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id")
    readable_by_staff = models.BooleanField(default=False)
    decision = models.CharField(max_length=16, choices=Decision, default=Decision.PENDING)
    run_id = models.UUIDField(null=True, unique=True)
    reply = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="")
    sources = EncryptedTextField(subject_kind="learner", subject_attribute="learner_id", default="{}")
    question = models.ForeignKey(Question, models.SET_NULL, null=True, related_name="+")
    chunk = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["asked_at"]
        indexes: ClassVar = [models.Index(fields=["learner", "course", "asked_at"], name="tutor_chat_order")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def parts(self) -> dict[str, Any]:
        """What a reply was shown as: ``sentences`` with their citations, and the ``passages`` that they cite."""
        loaded: dict[str, Any] = json.loads(self.sources)
        return loaded

    @parts.setter
    def parts(self, value: dict[str, Any]) -> None:
        self.sources = json.dumps(value, ensure_ascii=False)
