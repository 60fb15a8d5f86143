"""A reviewed note keeps what the record said then, so that nobody signs it over what came since."""

from __future__ import annotations

from django.db import migrations

import llmasos.vault.fields


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0014_none_known_source")]

    operations = [
        migrations.AddField(
            model_name="note",
            name="reviewed_record",
            field=llmasos.vault.fields.EncryptedJSONField(
                null=True, subject_attribute="patient_id", subject_kind="patient"
            ),
        ),
    ]
