"""A model with every kind of encrypted field and blind indexes over them, in a table of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import uuid4

from django.apps.registry import Apps
from django.db import connections, models
from django.test.utils import isolate_apps

from llmasos.vault.blind import BlindIndexField, Findable, index_of
from llmasos.vault.fields import (
    EncryptedCharField,
    EncryptedDateField,
    EncryptedEmailField,
    EncryptedJSONField,
    EncryptedTextField,
)


@contextmanager
def patient_model() -> Iterator[tuple[Any, Apps]]:
    """Make the table as the owner in the database that Django is connected to; yield the model and its registry."""
    with isolate_apps("llmasos.vault") as registry:

        class Patient(Findable):
            id = models.UUIDField(primary_key=True, default=uuid4)
            organisation_id = models.UUIDField(editable=False)
            given = EncryptedCharField(max_length=40, subject_kind="patient")
            family = EncryptedCharField(max_length=40, subject_kind="patient")
            email = EncryptedEmailField(blank=True, subject_kind="patient")
            born = EncryptedDateField(null=True, subject_kind="patient")
            numbers = EncryptedJSONField(default=list, blank=True, subject_kind="patient")
            notes = EncryptedTextField(blank=True, subject_kind="patient")
            name_index = BlindIndexField(source="given, family", kind="name", purpose="patient-name")
            born_index = BlindIndexField(source="born", kind="day", purpose="patient-born")
            number_index = BlindIndexField(source="numbers", kind="identifier", purpose="patient-number")

            class Meta:
                app_label = "vault"
                indexes: ClassVar = [index_of("name_index", name="test_patient_name")]

        with connections["owner"].schema_editor() as editor:
            editor.create_model(Patient)
        connections["owner"].close()
        yield Patient, registry
