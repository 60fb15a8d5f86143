"""Hashes of complete subtrees: filled for logs that exist already, append-only, tenants apart."""

from __future__ import annotations

import django.db.models.fields.composite
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from llmasos.audit.merkle import CompactRange

STEP = 6

PROTECTION = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_node
    FOR EACH STATEMENT EXECUTE FUNCTION audit_deny_change();
ALTER TABLE audit_node ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_node
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
"""

NO_PROTECTION = """
DROP POLICY organisation ON audit_node;
ALTER TABLE audit_node DISABLE ROW LEVEL SECURITY;
DROP TRIGGER append_only ON audit_node;
"""


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    position, node = apps.get_model("audit", "Position"), apps.get_model("audit", "Node")
    logs = position.objects.using(alias).order_by().values_list("organisation_id", flat=True).distinct()
    for organisation_id in list(logs):
        leaves = position.objects.using(alias).filter(organisation_id=organisation_id).order_by("seq")
        made: list[models.Model] = []
        tree = CompactRange()
        for leaf in leaves.values_list("leaf_hash", flat=True).iterator():
            made.extend(
                node(organisation_id=organisation_id, level=level, index=index, hash=value)
                for level, index, value in tree.grow(bytes(leaf))
                if level and level % STEP == 0
            )
            if len(made) >= 2_000:
                node.objects.using(alias).bulk_create(made)
                made = []
        node.objects.using(alias).bulk_create(made)


def restrict_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the application's role the right to add and to read."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    schema_editor.execute(f"REVOKE ALL ON audit_node FROM PUBLIC, {role}")
    schema_editor.execute(f"GRANT SELECT, INSERT ON audit_node TO {role}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Node",
            fields=[
                (
                    "pk",
                    django.db.models.fields.composite.CompositePrimaryKey(
                        "organisation_id",
                        "level",
                        "index",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("organisation_id", models.UUIDField(verbose_name="organisation")),
                ("level", models.SmallIntegerField(verbose_name="level")),
                ("index", models.BigIntegerField(verbose_name="number")),
                ("hash", models.BinaryField(max_length=32)),
            ],
            options={
                "verbose_name": "hash of a part of the log",
                "verbose_name_plural": "hashes of parts of the log",
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(PROTECTION, NO_PROTECTION),
        migrations.RunPython(restrict_application, migrations.RunPython.noop),
    ]
