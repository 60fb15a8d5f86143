from __future__ import annotations

from django.db import migrations

# The organisations whose log was not as it was written when it was last computed anew: for operators, who see no more of it.
FUNCTION = """
CREATE FUNCTION console_altered_logs() RETURNS TABLE (organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id
    FROM accounts_organisation o
    CROSS JOIN LATERAL (SELECT c.report FROM console_logcheck c
                        WHERE c.organisation_id = o.id AND c.state = 'done' ORDER BY c.asked_at DESC LIMIT 1) newest
    WHERE newest.report -> 'ok' = 'false'
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0005_live_pages")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION console_altered_logs();")]
