from __future__ import annotations

from django.db import migrations

# What live pages ask every two seconds, at a cost that does not grow with what has ended. The states are written out, so
# that the partial index of live runs is used.
FUNCTIONS = """
CREATE FUNCTION console_live_runs(wanted_organisation uuid, wanted integer) RETURNS SETOF inference_run
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.* FROM inference_run r
    WHERE r.state IN ('queued', 'running') AND (wanted_organisation IS NULL OR r.organisation_id = wanted_organisation)
    ORDER BY r.created_at DESC, r.id DESC
    LIMIT wanted
$$;

CREATE FUNCTION console_log_states()
RETURNS TABLE (
    organisation_id uuid, seq bigint, unsequenced bigint, chain_hash bytea, last_recorded_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.organisation_id, coalesce(head.seq, 0), coalesce(pending.waiting, 0), head.chain_hash, last.recorded_at
    FROM audit_logged_organisations() l
    LEFT JOIN LATERAL (SELECT p.seq, p.chain_hash FROM audit_position p
                       WHERE p.organisation_id = l.organisation_id ORDER BY p.seq DESC LIMIT 1) head ON true
    LEFT JOIN LATERAL (SELECT e.recorded_at FROM audit_entry e
                       WHERE e.organisation_id = l.organisation_id ORDER BY e.recorded_at DESC LIMIT 1) last ON true
    LEFT JOIN (SELECT p.organisation_id, count(*) AS waiting FROM audit_pending p GROUP BY p.organisation_id) pending
           ON pending.organisation_id = l.organisation_id
$$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION console_live_runs(uuid, integer);
DROP FUNCTION console_log_states();
"""


def counting(argument: str, condition: str) -> str:
    """Return the functions that count requests: those for which ``condition`` holds."""
    return f"""
CREATE FUNCTION console_usage(since timestamptz{argument})
RETURNS TABLE (
    organisation_id uuid, organisation varchar, day date, runs bigint, failed bigint, prompt_tokens bigint,
    completion_tokens bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.name, (r.created_at AT TIME ZONE 'UTC')::date, count(*),
           count(*) FILTER (WHERE r.state = 'failed'),
           sum(r.prompt_tokens)::bigint, sum(r.completion_tokens)::bigint
    FROM accounts_organisation o
    JOIN inference_run r ON r.organisation_id = o.id AND r.created_at >= since{condition}
    GROUP BY o.id, o.name, 3
$$;

CREATE FUNCTION console_organisations(wanted_text varchar, wanted integer, skipped integer{argument})
RETURNS TABLE (
    id uuid, slug varchar, name varchar, is_demo boolean, created_at timestamptz, members bigint,
    administrators bigint, keys bigint, passages bigint, runs bigint, failed bigint, tokens bigint, total bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH page AS (
        SELECT o.*, count(*) OVER () AS total
        FROM accounts_organisation o
        WHERE strpos(lower(o.name), lower(wanted_text)) > 0 OR strpos(o.slug, lower(wanted_text)) > 0
        ORDER BY o.name, o.id
        LIMIT wanted OFFSET skipped
    )
    SELECT p.id, p.slug, p.name, p.is_demo, p.created_at, m.members, m.administrators,
           (SELECT count(*) FROM accounts_apikey k
            WHERE k.organisation_id = p.id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())),
           (SELECT coalesce(sum(c.chunk_count), 0)::bigint FROM retrieval_collection c WHERE c.organisation_id = p.id),
           r.runs, r.failed, r.tokens, p.total
    FROM page p
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT h.person_id) AS members,
               count(DISTINCT h.person_id) FILTER (WHERE h.role = 'administrator') AS administrators
        FROM accounts_membership h
        JOIN accounts_person a ON a.id = h.person_id AND a.is_active
        WHERE h.organisation_id = p.id AND h.deactivated_at IS NULL
    ) m
    CROSS JOIN LATERAL (
        SELECT count(*) AS runs, count(*) FILTER (WHERE i.state = 'failed') AS failed,
               coalesce(sum(i.prompt_tokens + i.completion_tokens), 0)::bigint AS tokens
        FROM inference_run i
        WHERE i.organisation_id = p.id AND i.created_at > now() - interval '1 day'{condition}
    ) r
    ORDER BY p.name, p.id
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0004_checkpoint"), ("console", "0004_operators_pages")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        migrations.RunSQL(
            "DROP FUNCTION console_usage(timestamptz); DROP FUNCTION console_organisations(varchar, integer, integer);"
            + counting(", kinds varchar[]", " AND kind = ANY (kinds)"),
            "DROP FUNCTION console_usage(timestamptz, varchar[]);"
            "DROP FUNCTION console_organisations(varchar, integer, integer, varchar[]);" + counting("", ""),
        ),
    ]
