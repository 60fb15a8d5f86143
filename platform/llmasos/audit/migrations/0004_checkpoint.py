"""Checkpoints, the public parts of their keys, and payloads: tenants apart, append-only where nothing is to change."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Payloads may be removed, by the function below alone; nothing of them is ever changed.
PROTECTION = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION audit_deny_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_signingkey
    FOR EACH STATEMENT EXECUTE FUNCTION audit_deny_change();
CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON audit_payload
    FOR EACH STATEMENT EXECUTE FUNCTION audit_deny_change();
ALTER TABLE audit_checkpoint ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_checkpoint
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
ALTER TABLE audit_delivery ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_delivery
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
ALTER TABLE audit_payload ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_payload
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
"""

NO_PROTECTION = """
DROP POLICY organisation ON audit_payload;
DROP POLICY organisation ON audit_delivery;
DROP POLICY organisation ON audit_checkpoint;
DROP TRIGGER append_only ON audit_payload;
DROP TRIGGER append_only ON audit_signingkey;
DROP TRIGGER append_only ON audit_checkpoint;
"""

# Once a second the checkpoint process asks where each log stands; the hops are those of audit_logged_organisations.
# A removal of payloads stays within the organisation that is acted in, which row-level security does not see to here.
FUNCTIONS = """
CREATE FUNCTION audit_checkpoint_state()
RETURNS TABLE (organisation_id uuid, size bigint, number bigint, covered bigint, waiting_since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE placed (id) AS (
        (SELECT p.organisation_id FROM audit_position p ORDER BY p.organisation_id LIMIT 1)
        UNION ALL
        SELECT (SELECT p.organisation_id FROM audit_position p WHERE p.organisation_id > placed.id
                ORDER BY p.organisation_id LIMIT 1)
        FROM placed WHERE placed.id IS NOT NULL
    )
    SELECT placed.id, head.seq, last.number, coalesce(last.size, 0), next.sequenced_at
    FROM placed
    CROSS JOIN LATERAL (SELECT p.seq FROM audit_position p WHERE p.organisation_id = placed.id
                        ORDER BY p.seq DESC LIMIT 1) head
    LEFT JOIN LATERAL (SELECT c.number, c.size FROM audit_checkpoint c WHERE c.organisation_id = placed.id
                       ORDER BY c.number DESC LIMIT 1) last ON true
    LEFT JOIN LATERAL (SELECT p.sequenced_at FROM audit_position p
                       WHERE p.organisation_id = placed.id AND p.seq = coalesce(last.size, 0) + 1 LIMIT 1) next ON true
$$;
CREATE FUNCTION audit_waiting_deliveries(moment timestamptz) RETURNS TABLE (organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT d.organisation_id FROM audit_delivery d WHERE d.delivered_at IS NULL AND d.try_after <= moment
$$;
CREATE FUNCTION audit_checkpoint_organisations() RETURNS TABLE (organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT c.organisation_id FROM audit_checkpoint c
$$;
CREATE FUNCTION audit_remove_payloads(organisation uuid, kind text, subject uuid, before timestamptz) RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH gone AS (
        DELETE FROM audit_payload p
        WHERE p.organisation_id = organisation AND p.recorded_at < before
          AND (subject IS NULL OR (p.subject_kind = kind AND p.subject_id = subject))
          AND organisation = NULLIF(current_setting('llmasos.organisation', true), '')::uuid
        RETURNING 1
    ) SELECT count(*) FROM gone
$$;
"""

NO_FUNCTIONS = """
DROP FUNCTION audit_remove_payloads(uuid, text, uuid, timestamptz);
DROP FUNCTION audit_checkpoint_organisations();
DROP FUNCTION audit_waiting_deliveries(timestamptz);
DROP FUNCTION audit_checkpoint_state();
"""


def restrict_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the application's role the right to add and to read, and to note how deliveries went."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in ("audit_checkpoint", "audit_signingkey", "audit_payload", "audit_delivery"):
        schema_editor.execute(f"REVOKE ALL ON {table} FROM PUBLIC, {role}")
        schema_editor.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
    schema_editor.execute(
        f"GRANT UPDATE (delivered_at, countersignature, attempts, problem, try_after) ON audit_delivery TO {role}"
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_node")]

    operations = [
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                (
                    "fingerprint",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="fingerprint"),
                ),
                ("number", models.PositiveIntegerField(unique=True, verbose_name="number")),
                ("verifier_key", models.CharField(max_length=255, verbose_name="verifier key")),
                ("endorsement", models.TextField(verbose_name="endorsement")),
                ("created_at", models.DateTimeField(verbose_name="since")),
            ],
            options={"verbose_name": "signing key", "verbose_name_plural": "signing keys"},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("organisation_id", models.UUIDField(verbose_name="organisation")),
                ("number", models.BigIntegerField(verbose_name="number")),
                ("serial", models.BigIntegerField(unique=True, verbose_name="number in the installation")),
                ("size", models.BigIntegerField(verbose_name="entries")),
                ("root", models.BinaryField(max_length=32)),
                ("chain_hash", models.BinaryField(max_length=32)),
                ("note", models.TextField(verbose_name="signed note")),
                ("created_at", models.DateTimeField(verbose_name="signed")),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="audit.signingkey",
                        verbose_name="signing key",
                    ),
                ),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "indexes": [models.Index(fields=["organisation_id", "size"], name="audit_checkpoint_by_size")],
                "constraints": [
                    models.UniqueConstraint(fields=("organisation_id", "number"), name="audit_checkpoint_no_second")
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organisation_id", models.UUIDField(verbose_name="organisation")),
                ("store", models.CharField(max_length=255, verbose_name="store")),
                ("delivered_at", models.DateTimeField(null=True, verbose_name="delivered")),
                ("countersignature", models.TextField(blank=True, verbose_name="countersignature")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("problem", models.CharField(blank=True, max_length=255, verbose_name="problem")),
                ("try_after", models.DateTimeField(verbose_name="tried again after")),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="audit.checkpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "delivery of a checkpoint",
                "verbose_name_plural": "deliveries of checkpoints",
                "indexes": [
                    models.Index(
                        condition=models.Q(("delivered_at__isnull", True)),
                        fields=["try_after"],
                        name="audit_delivery_waiting",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("checkpoint", "store"), name="audit_delivery_once")],
            },
        ),
        migrations.CreateModel(
            name="Payload",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="payload",
                        serialize=False,
                        to="audit.entry",
                    ),
                ),
                ("organisation_id", models.UUIDField(verbose_name="organisation")),
                ("subject_kind", models.CharField(max_length=64, verbose_name="kind of subject")),
                ("subject_id", models.UUIDField(verbose_name="whose data")),
                ("recorded_at", models.DateTimeField(verbose_name="time")),
                ("ciphertext", models.BinaryField()),
            ],
            options={
                "verbose_name": "payload of an entry",
                "verbose_name_plural": "payloads of entries",
                "indexes": [
                    models.Index(fields=["organisation_id", "subject_id"], name="audit_payload_by_subject"),
                    models.Index(fields=["organisation_id", "recorded_at"], name="audit_payload_by_time"),
                ],
            },
        ),
        migrations.RunSQL(PROTECTION, NO_PROTECTION),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunPython(restrict_application, migrations.RunPython.noop),
    ]
