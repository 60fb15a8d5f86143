"""How far logs were forwarded: tenants apart."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ROW_SECURITY = """
ALTER TABLE audit_forwarding_cursor ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_forwarding_cursor
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
"""

NO_ROW_SECURITY = """
DROP POLICY organisation ON audit_forwarding_cursor;
ALTER TABLE audit_forwarding_cursor DISABLE ROW LEVEL SECURITY;
"""


def restrict_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    schema_editor.execute(f"REVOKE ALL ON audit_forwarding_cursor FROM PUBLIC, {role}")
    schema_editor.execute(f"GRANT SELECT, INSERT, UPDATE ON audit_forwarding_cursor TO {role}")


class Migration(migrations.Migration):
    initial = True
    dependencies = [("audit", "0003_node")]

    operations = [
        migrations.CreateModel(
            name="Cursor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation_id", models.UUIDField(verbose_name="organisation")),
                ("destination", models.CharField(max_length=255, verbose_name="destination")),
                ("seq", models.BigIntegerField(default=0, verbose_name="number")),
                ("forwarded_at", models.DateTimeField(null=True, verbose_name="forwarded")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="failed attempts")),
                ("problem", models.CharField(blank=True, max_length=255, verbose_name="problem")),
                ("try_after", models.DateTimeField(null=True, verbose_name="tried again after")),
                ("leased_until", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "place that a log was forwarded up to",
                "verbose_name_plural": "places that logs were forwarded up to",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation_id", "destination"), name="audit_forwarding_one_cursor"
                    )
                ],
            },
        ),
        migrations.RunSQL(ROW_SECURITY, NO_ROW_SECURITY),
        migrations.RunPython(restrict_application, migrations.RunPython.noop),
    ]
