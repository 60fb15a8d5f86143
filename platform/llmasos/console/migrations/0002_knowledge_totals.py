from __future__ import annotations

from django.db import migrations

# Totals across organisations for the operators' page, from the collections' own counters.
FUNCTION = """
CREATE FUNCTION console_knowledge_totals()
RETURNS TABLE (organisations bigint, collections bigint, passages bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(DISTINCT c.organisation_id), count(*), coalesce(sum(c.chunk_count), 0)::bigint
    FROM retrieval_collection c
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0001_recent_runs"), ("retrieval", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION console_knowledge_totals();")]
