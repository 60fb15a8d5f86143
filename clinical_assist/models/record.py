"""Patients, who cares for them, their encounters, and what is known of them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from llmasos.accounts.tenancy import OrganisationOwned
from llmasos.vault.blind import BlindIndexField, Findable, index_of
from llmasos.vault.fields import EncryptedDateField, EncryptedJSONField, EncryptedTextField

SUBJECT = "patient"


class Patient(Findable, OrganisationOwned):
    """A patient of the organisation; the subject of everything under the kind "patient".

    Two rows that turn out to be one person are merged by ``merged_into``: the record of a patient is what hangs on the
    row itself and on the rows merged into it, so that a merge moves nothing and can be undone.
    ``identifiers`` are ``{"system", "value"}``; ``numbers`` are their plain values, by which they are found.
    ``no_known_allergies_on`` is the day on which somebody (``no_known_allergies_by``; null for an import) asked and
    none were known; null is *not known*, not *none*. ``no_known_allergies_key`` is under what an import knows the
    resource that said so.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    family_name = EncryptedTextField(_("family name"), subject_kind=SUBJECT)
    given_names = EncryptedTextField(_("given names"), subject_kind=SUBJECT, default="", blank=True)
    birth_date = EncryptedDateField(_("date of birth"), subject_kind=SUBJECT, null=True, blank=True)
    sex = EncryptedTextField(_("sex in the record"), subject_kind=SUBJECT, default="unknown")
    deceased_on = EncryptedDateField(_("died on"), subject_kind=SUBJECT, null=True, blank=True)
    identifiers = EncryptedJSONField(_("identifiers"), subject_kind=SUBJECT, default=list, blank=True)
    numbers = EncryptedJSONField(subject_kind=SUBJECT, default=list, editable=False)
    # {"phone", "email", "address"}, each a text.
    contact = EncryptedJSONField(_("contact"), subject_kind=SUBJECT, default=dict, blank=True)
    no_known_allergies_on = EncryptedDateField(subject_kind=SUBJECT, null=True, editable=False)
    no_known_allergies_by = models.ForeignKey(
        "accounts.Person", models.SET_NULL, null=True, related_name="+", editable=False
    )
    no_known_allergies_key = models.BinaryField(max_length=32, null=True, editable=False)
    name_index = BlindIndexField(source="family_name,given_names", kind="name", purpose="clinical.patient.name")
    number_index = BlindIndexField(source="numbers", kind="identifier", purpose="clinical.patient.number")
    birth_index = BlindIndexField(source="birth_date", kind="day", purpose="clinical.patient.birth")
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="merged", editable=False)
    # What an import knows the row by; null where it was written here.
    source_key = models.BinaryField(max_length=32, null=True, editable=False)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    imported_in = models.ForeignKey(
        "clinical_assist.FhirImport", models.SET_NULL, null=True, related_name="patients", editable=False
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("patient")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "source_key"], name="clinical_patient_source"),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | ~models.Q(merged_into=models.F("id")),
                name="clinical_patient_not_into_itself",
            ),
        ]
        indexes: ClassVar = [
            index_of("name_index", name="clinical_patient_name"),
            index_of("number_index", name="clinical_patient_number"),
            index_of("birth_index", name="clinical_patient_birth"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CareTeamMember(OrganisationOwned):
    """Somebody who cares for a patient, and may therefore read and write the record."""

    class Part(models.TextChoices):
        RESPONSIBLE = "responsible", _("Responsible")
        TREATING = "treating", _("Treating")
        CONSULTED = "consulted", _("Consulted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="care_team")
    person = models.ForeignKey("accounts.Person", models.CASCADE, related_name="+")
    part = models.CharField(_("part"), max_length=16, choices=Part, default=Part.TREATING)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True)
    added_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "person"], condition=models.Q(until=None), name="clinical_care_team_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} {self.pk}"


class Encounter(OrganisationOwned):
    """One visit, call or contact. Today's list is made of these."""

    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        OPEN = "open", _("Under way")
        CLOSED = "closed", pgettext_lazy("of a visit", "Finished")
        CANCELLED = "cancelled", _("Cancelled")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="encounters")
    state = models.CharField(max_length=16, choices=State, default=State.PLANNED)
    reason = EncryptedTextField(
        _("reason"), subject_kind=SUBJECT, subject_attribute="patient_id", default="", blank=True
    )
    starts_at = models.DateTimeField(_("when"), default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    clinician = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    source_key = models.BinaryField(max_length=32, null=True, editable=False)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    imported_in = models.ForeignKey(
        "clinical_assist.FhirImport", models.SET_NULL, null=True, related_name="encounters", editable=False
    )

    class Meta:
        ordering: ClassVar = ["-starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["organisation", "source_key"], name="clinical_encounter_source"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["organisation", "starts_at"], name="clinical_encounter_day"),
            models.Index(fields=["patient", "-starts_at"], name="clinical_encounter_patient"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class RecordItem(OrganisationOwned):
    """One thing known of a patient, with where it comes from. ``content`` is of ``clinical_assist.record.items``.

    An item is never changed: a correction is a new row that ``replaces`` it, and ``superseded_at`` closes the old one.
    An item that was written to the wrong patient or by mistake is ``entered_in_error``, with its row kept.
    """

    class Kind(models.TextChoices):
        PROBLEM = "problem", _("Problem")
        ALLERGY = "allergy", _("Allergy")
        MEDICATION = "medication", _("Medication")
        VITAL = "vital", _("Vital sign")
        LABORATORY = "laboratory", _("Laboratory result")
        HISTORY = "history", _("History")

    class Source(models.TextChoices):
        HAND = "hand", _("Written here")
        IMPORT = "import", _("Imported")
        NOTE = "note", _("From a signed note")
        PLAN = "plan", _("From a signed plan")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, models.CASCADE, related_name="items")
    encounter = models.ForeignKey(Encounter, models.SET_NULL, null=True, related_name="items")
    kind = models.CharField(max_length=16, choices=Kind)
    content = EncryptedJSONField(subject_kind=SUBJECT, subject_attribute="patient_id")
    source = models.CharField(max_length=16, choices=Source, default=Source.HAND)
    source_key = models.BinaryField(max_length=32, null=True, editable=False)
    source_digest = models.CharField(max_length=64, blank=True, editable=False)
    imported_in = models.ForeignKey(
        "clinical_assist.FhirImport", models.SET_NULL, null=True, related_name="items", editable=False
    )
    recorded_by = models.ForeignKey("accounts.Person", models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    replaces = models.OneToOneField("self", models.SET_NULL, null=True, related_name="replaced_by", editable=False)
    superseded_at = models.DateTimeField(null=True, editable=False)
    entered_in_error = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["recorded_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["organisation", "source_key"],
                condition=models.Q(superseded_at=None),
                name="clinical_item_source",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["patient", "kind", "superseded_at"], name="clinical_item_of_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
