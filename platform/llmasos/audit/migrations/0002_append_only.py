"""Append-only for everyone, tenants apart, and a chain without gap: PostgreSQL holds the log to it."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPEND_ONLY = """
CREATE FUNCTION audit_deny_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'The audit log is append-only: % on % is denied.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_deny_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_position
    FOR EACH STATEMENT EXECUTE FUNCTION audit_deny_change();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER append_only ON audit_position;
DROP TRIGGER append_only ON audit_entry;
DROP FUNCTION audit_deny_change();
"""

# Each entry waits for its position from the moment that its own transaction commits.
PENDING = """
CREATE FUNCTION audit_await_position() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO audit_pending (entry_id, organisation_id) VALUES (NEW.id, NEW.organisation_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER await_position AFTER INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_await_position();
"""

NOT_PENDING = """
DROP TRIGGER await_position ON audit_entry;
DROP FUNCTION audit_await_position();
"""

# A position needs the one before it in its organisation.
NO_GAP = """
ALTER TABLE audit_position ADD COLUMN previous_seq bigint GENERATED ALWAYS AS (NULLIF(seq - 1, 0)) STORED;
ALTER TABLE audit_position ADD CONSTRAINT audit_position_no_gap
    FOREIGN KEY (organisation_id, previous_seq) REFERENCES audit_position (organisation_id, seq);
"""

GAP = """
ALTER TABLE audit_position DROP CONSTRAINT audit_position_no_gap;
ALTER TABLE audit_position DROP COLUMN previous_seq;
"""

# Entries of the installation as a whole (the zero uuid) may be added from anywhere; reading them takes its own scope.
ROW_SECURITY = """
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_entry
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id IN (
        NULLIF(current_setting('llmasos.organisation', true), '')::uuid, '00000000-0000-0000-0000-000000000000'));
ALTER TABLE audit_position ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_position
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
ALTER TABLE audit_pending ENABLE ROW LEVEL SECURITY;
CREATE POLICY organisation ON audit_pending
    USING (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid)
    WITH CHECK (organisation_id = NULLIF(current_setting('llmasos.organisation', true), '')::uuid);
"""

NO_ROW_SECURITY = """
DROP POLICY organisation ON audit_entry;
DROP POLICY organisation ON audit_position;
DROP POLICY organisation ON audit_pending;
ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY;
ALTER TABLE audit_position DISABLE ROW LEVEL SECURITY;
ALTER TABLE audit_pending DISABLE ROW LEVEL SECURITY;
"""

# The sequencer and verification visit each organisation in turn, so they must know which there are. The second
# one hops along the index from organisation to organisation instead of reading every entry.
FUNCTIONS = """
CREATE FUNCTION audit_pending_organisations() RETURNS TABLE (organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT p.organisation_id FROM audit_pending p
$$;
CREATE FUNCTION audit_logged_organisations() RETURNS TABLE (organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE logged (id) AS (
        (SELECT e.organisation_id FROM audit_entry e ORDER BY e.organisation_id LIMIT 1)
        UNION ALL
        SELECT (SELECT e.organisation_id FROM audit_entry e WHERE e.organisation_id > logged.id
                ORDER BY e.organisation_id LIMIT 1)
        FROM logged WHERE logged.id IS NOT NULL
    ), placed (id) AS (
        (SELECT p.organisation_id FROM audit_position p ORDER BY p.organisation_id LIMIT 1)
        UNION ALL
        SELECT (SELECT p.organisation_id FROM audit_position p WHERE p.organisation_id > placed.id
                ORDER BY p.organisation_id LIMIT 1)
        FROM placed WHERE placed.id IS NOT NULL
    )
    SELECT id FROM logged WHERE id IS NOT NULL UNION SELECT id FROM placed WHERE id IS NOT NULL
$$;
"""

NO_FUNCTIONS = """
DROP FUNCTION audit_pending_organisations();
DROP FUNCTION audit_logged_organisations();
"""


def restrict_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Leave the application's role the right to add and to read."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in ("audit_entry", "audit_position"):
        schema_editor.execute(f"REVOKE ALL ON {table} FROM PUBLIC, {role}")
        schema_editor.execute(f"GRANT SELECT, INSERT ON {table} TO {role}")
    schema_editor.execute(f"REVOKE ALL ON audit_pending FROM PUBLIC, {role}")
    schema_editor.execute(f"GRANT SELECT, DELETE ON audit_pending TO {role}")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(PENDING, NOT_PENDING),
        migrations.RunSQL(NO_GAP, GAP),
        migrations.RunSQL(ROW_SECURITY, NO_ROW_SECURITY),
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        migrations.RunPython(restrict_application, migrations.RunPython.noop),
    ]
