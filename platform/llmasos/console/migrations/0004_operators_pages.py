from __future__ import annotations

from django.db import migrations

# What operators see across organisations: names of organisations, counts, times and codes; nobody's name or words.
# Each organisation's runs are found by its own index, so that a page costs the same however many there are.
FUNCTIONS = """
CREATE FUNCTION console_runs(
    wanted_organisation uuid, wanted_states varchar[], wanted_engine varchar, wanted_request varchar,
    since timestamptz, before_at timestamptz, before_id uuid, wanted integer
)
RETURNS SETOF inference_run
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.*
    FROM accounts_organisation o
    CROSS JOIN LATERAL (
        SELECT * FROM inference_run i
        WHERE i.organisation_id = o.id AND i.created_at > since
          AND (wanted_states IS NULL OR i.state = ANY (wanted_states))
          AND (wanted_engine = '' OR i.engine = wanted_engine)
          AND (wanted_request = '' OR i.request_id = wanted_request)
          AND (before_at IS NULL OR (i.created_at, i.id) < (before_at, before_id))
        ORDER BY i.created_at DESC, i.id DESC
        LIMIT wanted
    ) r
    WHERE wanted_organisation IS NULL OR o.id = wanted_organisation
    ORDER BY r.created_at DESC, r.id DESC
    LIMIT wanted
$$;

CREATE FUNCTION console_queues()
RETURNS TABLE (
    organisation_id uuid, organisation varchar, engine varchar, priority smallint, state varchar, depth bigint,
    oldest_seconds double precision
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.name, r.engine, r.priority, r.state, count(*),
           extract(epoch FROM now() - min(r.created_at))::double precision
    FROM inference_run r
    JOIN accounts_organisation o ON o.id = r.organisation_id
    WHERE r.state IN ('queued', 'running')
    GROUP BY o.id, o.name, r.engine, r.priority, r.state
    ORDER BY count(*) DESC, min(r.created_at), o.name
$$;

CREATE FUNCTION console_organisation_names(wanted uuid[]) RETURNS TABLE (id uuid, slug varchar, name varchar)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.slug, o.name FROM accounts_organisation o WHERE o.id = ANY (wanted)
$$;

CREATE FUNCTION console_organisations(wanted_text varchar, wanted integer, skipped integer)
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
        WHERE i.organisation_id = p.id AND i.created_at > now() - interval '1 day'
    ) r
    ORDER BY p.name, p.id
$$;

CREATE FUNCTION console_usage(since timestamptz)
RETURNS TABLE (
    organisation_id uuid, organisation varchar, day date, runs bigint, failed bigint, prompt_tokens bigint,
    completion_tokens bigint
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.name, (r.created_at AT TIME ZONE 'UTC')::date, count(*),
           count(*) FILTER (WHERE r.state = 'failed'),
           sum(r.prompt_tokens)::bigint, sum(r.completion_tokens)::bigint
    FROM accounts_organisation o
    JOIN inference_run r ON r.organisation_id = o.id AND r.created_at >= since
    GROUP BY o.id, o.name, 3
$$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION console_runs(uuid, varchar[], varchar, varchar, timestamptz, timestamptz, uuid, integer);
DROP FUNCTION console_queues();
DROP FUNCTION console_organisation_names(uuid[]);
DROP FUNCTION console_organisations(varchar, integer, integer);
DROP FUNCTION console_usage(timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_marks_scope"),
        ("console", "0003_logcheck"),
        ("inference", "0007_run_request_id"),
        ("retrieval", "0001_initial"),
    ]
    operations = [migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS)]
