from __future__ import annotations

from django.db import migrations

# The organisations whose log nobody can vouch for now, of one or of all, and when each was last found as it was written:
# the last check broke off, or none came to its end for two days.
FUNCTION = """
CREATE FUNCTION console_unverified_logs(wanted uuid) RETURNS TABLE (organisation_id uuid, sound_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, (SELECT coalesce(c.finished_at, c.asked_at) FROM console_logcheck c
                  WHERE c.organisation_id = o.id AND c.state = 'done' AND c.report -> 'ok' = 'true'
                  ORDER BY c.asked_at DESC LIMIT 1)
    FROM accounts_organisation o
    LEFT JOIN LATERAL (SELECT c.state, coalesce(c.finished_at, c.asked_at) AS ended FROM console_logcheck c
                       WHERE c.organisation_id = o.id AND c.state IN ('done', 'failed')
                       ORDER BY c.asked_at DESC LIMIT 1) newest ON true
    WHERE (wanted IS NULL OR o.id = wanted)
      AND (newest.state = 'failed' OR coalesce(newest.ended, o.created_at) < now() - interval '2 days')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("console", "0006_altered_logs")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION console_unverified_logs(uuid);")]
