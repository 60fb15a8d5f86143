"""Which key-encryption keys are in use, across organisations: names and numbers, no keys."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

KEY_USE = """
CREATE FUNCTION vault_key_use() RETURNS TABLE (organisation_id uuid, key_id varchar, subject_keys bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.organisation_id, k.key_id, count(*) FROM vault_subjectkey k
    WHERE k.wrapped_key IS NOT NULL GROUP BY k.organisation_id, k.key_id
$$;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("vault", "0001_initial")]

    operations = [migrations.RunSQL(KEY_USE, "DROP FUNCTION vault_key_use();")]
