"""What is made in an encounter: the intake, what the differential showed, plan drafts and notes."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from clinical_assist.models.record import SUBJECT, Encounter, Patient
from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.fields import EncryptedJSONField, EncryptedTextField


class OfPatient(OrganisationOwned):
    """Something sealed with the key of the patient whose encounter it belongs to."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="+")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.pk)


class Intake(OfPatient):
    """What was told and found in one encounter. ``revision`` counts what was saved, so that nobody overwrites another.

    ``findings`` are ``{code: "present" | "absent" | "unknown"}`` as the clinician left them; ``origins`` says of each
    where the state comes from: "text", "hand", "asked" or "record:ID". ``own_list`` is the clinician's own
    differential, ``{"text", "code"}`` each, kept as it was committed before the machine's was revealed.
    """

    encounter = models.OneToOneField(Encounter, models.CASCADE, related_name="intake")
    text = EncryptedTextField(subject_kind=SUBJECT, subject_attribute="patient_id", default="")
    findings = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id", default=dict)
    origins = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id", null=True)
    own_list = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id", default=list)
    committed_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)


class ShownDifferential(OfPatient):
    """A differential as it was shown: ``content`` has the options with their chances, and the findings it stood on."""

    encounter = models.ForeignKey(Encounter, models.CASCADE, related_name="differentials")
    knowledge_name = models.CharField(max_length=80)
    knowledge_version = models.CharField(max_length=40)
    knowledge_digest = models.CharField(max_length=64)
    content = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id")
    shown_to = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    shown_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-shown_at"]


class PlanDraft(OfPatient):
    """A plan for one encounter: a draft until somebody signs it. ``revision`` counts its changes.

    ``conditions`` are what is planned for, each a ``Planned`` of ``clinical_assist.plans.lines``.
    ``wording`` says whether a model was asked to word the reasons of its lines.
    """

    class Wording(models.TextChoices):
        NONE = "", _("As the order sets say it")
        ASKED = "asked", _("The language model is wording it")
        DONE = "done", _("Worded by the language model")
        AWAY = "away", _("The language model was not there")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SIGNED = "signed", pgettext_lazy("of a note", "Signed")
        DISCARDED = "discarded", _("Discarded")

    encounter = models.ForeignKey(Encounter, models.CASCADE, related_name="plans")
    conditions = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id", null=True)
    wording = models.CharField(max_length=8, choices=Wording, default=Wording.NONE, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["encounter"], condition=models.Q(state="draft"), name="clinical_one_draft_plan"
            ),
        ]

    @property
    def planned(self) -> list[dict[str, Any]]:
        """The conditions that are planned for; none in a draft that was just begun."""
        kept: list[dict[str, Any]] = self.conditions or []
        return kept


class PlanLine(OfPatient):
    """One line of a plan. ``content`` is of ``clinical_assist.plans.lines``: words, order, sources and overrides."""

    class Kind(models.TextChoices):
        MEDICINE = "medicine", _("Medicine")
        TEST = "test", _("Test")
        ADVICE = "advice", _("Advice")
        REFERRAL = "referral", _("Referral")
        FOLLOW_UP = "follow_up", _("Follow-up")

    class Origin(models.TextChoices):
        ORDER_SET = "order_set", _("From an order set")
        HAND = "hand", _("Written here")

    plan = models.ForeignKey(PlanDraft, models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=16, choices=Kind)
    origin = models.CharField(max_length=16, choices=Origin)
    position = models.PositiveSmallIntegerField(default=1)
    content = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id")
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["position", "id"]


class Note(OfPatient):
    """A note of one encounter. Signed text is frozen with its digest; what comes later is an addendum.

    ``sections`` is of ``clinical_assist.notes.sections``: sentences of subjective, objective, assessment and plan, each
    with what it stands on. ``pasted`` is dictated or pasted text, word for word. ``opened`` names the sentences of the
    risky classes that the author has opened. ``reviewed_record`` has what the record said for the note when it was
    reviewed, sentences without their sources. A draft that was withdrawn stays until it is taken back or drafted anew.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        REVIEWED = "reviewed", _("Reviewed")
        SIGNED = "signed", pgettext_lazy("of a note", "Signed")
        AMENDED = "amended", _("Signed, with an addendum")

    class Wording(models.TextChoices):
        NONE = "", _("As drafted from the record")
        ASKED = "asked", _("The language model is wording it")
        DONE = "done", _("Worded by the language model")
        AWAY = "away", _("The language model was not there")

    encounter = models.OneToOneField(Encounter, models.CASCADE, related_name="note")
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    sections = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id", default=dict)
    pasted = EncryptedTextField(subject_kind=SUBJECT, subject_attribute="patient_id", default="")
    opened = models.JSONField(default=list)
    reviewed_record = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id", null=True)
    model = models.CharField(max_length=120, blank=True)
    model_digest = models.CharField(max_length=64, blank=True)
    # In which the draft was made and is brought up to date, whoever reads it.
    language = models.CharField(max_length=16, default="en")
    wording = models.CharField(max_length=8, choices=Wording, default=Wording.NONE, blank=True)
    revision = models.PositiveIntegerField(default=1)
    digest = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)


class NoteAddendum(OfPatient):
    """What was added to a signed note, signed as it was written."""

    note = models.ForeignKey(Note, models.CASCADE, related_name="addenda")
    text = EncryptedTextField(subject_kind=SUBJECT, subject_attribute="patient_id")
    digest = models.CharField(max_length=64)
    signed_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    signed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["signed_at"]
