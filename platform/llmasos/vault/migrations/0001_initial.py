from __future__ import annotations

import uuid
from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models

ROW_SECURITY = """
ALTER TABLE vault_subjectkey ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON vault_subjectkey
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
"""

NO_ROW_SECURITY = """
DROP POLICY organisation ON vault_subjectkey;
ALTER TABLE vault_subjectkey DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar[list[tuple[str, str]]] = []

    operations = [
        migrations.CreateModel(
            name="SubjectKey",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("organisation_id", models.UUIDField(verbose_name="organisation")),
                ("subject_kind", models.CharField(max_length=64, verbose_name="kind of subject")),
                ("subject_id", models.UUIDField(verbose_name="subject")),
                ("wrapped_key", models.BinaryField(null=True)),
                ("key_id", models.CharField(max_length=64, verbose_name="key-encryption key")),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                ("destroyed_at", models.DateTimeField(null=True, verbose_name="destroyed")),
            ],
            options={
                "verbose_name": "subject's key",
                "verbose_name_plural": "subjects' keys",
                "indexes": [models.Index(fields=["key_id"], name="vault_by_key_encryption_key")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "subject_kind", "subject_id"),
                        name="vault_one_key_per_subject",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destroyed_at__isnull", True), ("wrapped_key__isnull", False)),
                            models.Q(("destroyed_at__isnull", False), ("wrapped_key__isnull", True)),
                            _connector="OR",
                        ),
                        name="vault_key_is_there_or_destroyed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ROW_SECURITY, NO_ROW_SECURITY),
    ]
