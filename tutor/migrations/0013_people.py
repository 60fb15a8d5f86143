"""A class code leads to its course before anybody has signed in."""

from __future__ import annotations

from django.db import migrations

FUNCTION = """
CREATE FUNCTION llmasos_course_of_code(wanted_code varchar) RETURNS TABLE (organisation_id uuid, course_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.organisation_id, c.id FROM tutor_course c WHERE c.class_code = wanted_code AND c.archived_at IS NULL
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("tutor", "0012_practice")]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION llmasos_course_of_code(varchar);")]
