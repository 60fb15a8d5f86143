from __future__ import annotations

from django.db import migrations

# Figures across organisations for the operators' page: counts and times, nothing that anybody wrote.
# Each organisation's runs are found by its own index, so that old runs cost nothing.
FUNCTION = """
CREATE FUNCTION console_recent_runs(wanted uuid)
RETURNS TABLE (
    began timestamptz, runs bigint, failed bigint,
    queue_ms double precision, prefill_ms double precision, decode_ms double precision
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT date_bin('2 minutes', r.created_at, timestamptz '2000-01-01 00:00:00+00'),
           count(*), count(*) FILTER (WHERE r.state = 'failed'),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY r.queue_ms) FILTER (WHERE r.started_at IS NOT NULL),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY r.prefill_ms) FILTER (WHERE r.prefill_ms > 0),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY r.decode_ms) FILTER (WHERE r.decode_ms > 0)
    FROM accounts_organisation o
    CROSS JOIN LATERAL (
        SELECT * FROM inference_run i
        WHERE i.organisation_id = o.id AND i.created_at > now() - interval '1 hour'
    ) r
    WHERE wanted IS NULL OR o.id = wanted
    GROUP BY GROUPING SETS ((1), ())
$$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0001_initial"), ("inference", "0001_initial")]
    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION console_recent_runs(uuid);")]
