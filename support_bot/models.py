"""Sites, their visitors, and what was said. Words are sealed under the visitor's own key."""

from __future__ import annotations

import json
import secrets
import uuid
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedTextField

DEFAULT_ACCENT = "#0f766e"
OWN_ORIGIN = "self"
"""In ``Site.allowed_origins``: pages of the platform itself, such as the demo shop."""


def make_site_key() -> str:
    return f"site_{secrets.token_urlsafe(15)}"


class Site(OrganisationOwned):
    """A website that shows the widget. The key is public: it says which site, not who asks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(_("key"), max_length=40, unique=True, default=make_site_key, editable=False)
    name = models.CharField(_("name"), max_length=80)
    allowed_origins = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("websites that may show the chat"),
        default=list,
        blank=True,
    )
    accent = models.CharField(
        _("colour"),
        max_length=7,
        default=DEFAULT_ACCENT,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Write a colour such as #0f766e."))],
    )
    greeting = models.CharField(_("greeting"), max_length=300, blank=True)
    collections = models.ManyToManyField(
        "retrieval.Collection", through="SiteCollection", related_name="+", verbose_name=_("answers come from")
    )
    privacy_url = models.CharField(
        _("address of the privacy notice"),
        max_length=500,
        blank=True,
        validators=[
            RegexValidator(
                r"^(https?://[^\s/]|/(?!/))\S*\Z", _("Write an address such as https://shop.example/privacy.")
            )
        ],
    )
    active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        ordering: ClassVar = ["name", "created_at"]

    def __str__(self) -> str:
        return self.name

    def collection_ids(self) -> tuple[uuid.UUID, ...]:
        """Return the collections that answers may come from."""
        links = SiteCollection.objects.for_organisation(self.organisation_id).filter(site=self)
        return tuple(links.order_by("pk").values_list("collection_id", flat=True))


class SiteCollection(OrganisationOwned):
    """One collection that a site answers from."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="links")
    collection = models.ForeignKey("retrieval.Collection", models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "collection"], name="support_site_collection_once"),
        ]

    def __str__(self) -> str:
        return f"{self.site_id} · {self.collection_id}"


class Visitor(OrganisationOwned):
    """Somebody's browser on one site, known by a random token of which the digest is kept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="visitors")
    token_digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return str(self.pk)


class Conversation(OrganisationOwned):
    """Messages of one visitor that belong together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, models.CASCADE, related_name="conversations")
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="conversations")
    language = models.CharField(max_length=16, default="en")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    last_message_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["organisation", "-last_message_at"], name="support_conversation_recent"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Message(OrganisationOwned):
    """One turn. An answer's row is made with its question, so that there is one answer to each."""

    class Role(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        ASSISTANT = "assistant", _("Assistant")
        PERSON = "person", pgettext_lazy("in a chat", "Person")

    class State(models.TextChoices):
        STORED = "stored", _("Stored")
        PENDING = "pending", _("Being answered")
        COMPLETE = "complete", _("Complete")
        CANCELLED = "cancelled", _("Stopped")
        FAILED = "failed", _("Failed")

    class Decision(models.TextChoices):
        ANSWER = "answer", _("Answered")
        CLARIFY = "clarify", _("Asked back")
        ABSTAIN = "abstain", _("Did not know")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages")
    visitor = models.ForeignKey(Visitor, models.CASCADE, related_name="messages")
    role = models.CharField(max_length=16, choices=Role)
    client_id = models.UUIDField(null=True)
    reply_to = models.OneToOneField("self", models.CASCADE, null=True, related_name="reply")
    state = models.CharField(max_length=16, choices=State, default=State.STORED)
    decision = models.CharField(max_length=16, choices=Decision, blank=True)
    run_id = models.UUIDField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    text = EncryptedTextField(
        subject_kind="visitor", subject_attribute="visitor_id", default="", validators=[MaxLengthValidator(20_000)]
    )
    citations = EncryptedTextField(subject_kind="visitor", subject_attribute="visitor_id", default="{}")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visitor", "client_id"], name="support_message_once"),
            models.UniqueConstraint(fields=["run_id"], name="support_message_run"),
            models.CheckConstraint(
                condition=~Q(role="visitor") | Q(client_id__isnull=False), name="support_visitor_message_has_client_id"
            ),
            models.CheckConstraint(
                condition=~Q(role="assistant") | Q(reply_to__isnull=False), name="support_answer_has_question"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "created_at"], name="support_message_order"),
            models.Index(
                fields=["organisation", "-created_at"],
                condition=Q(role="assistant", decision="abstain"),
                name="support_message_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"

    @property
    def parts(self) -> dict[str, Any]:
        """What an answer was shown as: ``quote``, ``sentences`` and the ``passages`` they cite."""
        loaded: dict[str, Any] = json.loads(self.citations)
        return loaded

    @parts.setter
    def parts(self, value: dict[str, Any]) -> None:
        self.citations = json.dumps(value, ensure_ascii=False)


class Feedback(OrganisationOwned):
    """The visitor's thumb on one answer: 1 up, -1 down."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    message = models.OneToOneField(Message, models.CASCADE, related_name="feedback")
    value = models.SmallIntegerField()
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(value__in=[-1, 1]), name="support_feedback_value"),
        ]

    def __str__(self) -> str:
        return f"{self.value:+d}"
