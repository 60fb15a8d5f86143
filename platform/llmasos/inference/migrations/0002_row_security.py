"""Row-level security on runs, and the four look-ups that the scheduler needs across organisations."""

from __future__ import annotations

from django.db import migrations

from llmasos.accounts.tenancy import EnableRowSecurity

# None of them reveals or takes text; changing a run needs its attempt token.
FUNCTIONS = """
CREATE FUNCTION inference_lapsed_runs(wanted integer)
RETURNS TABLE (id uuid, organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, r.organisation_id FROM inference_run r
    WHERE r.state IN ('queued', 'running') AND (r.lease_expires_at < now() OR r.deadline < now())
    ORDER BY r.lease_expires_at
    LIMIT wanted
$$;

CREATE FUNCTION inference_renew_leases(ids uuid[], tokens uuid[], showing boolean[], seconds double precision)
RETURNS TABLE (id uuid, cancel_requested boolean)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE inference_run r
    SET heartbeat_at = now(), lease_expires_at = now() + make_interval(secs => seconds),
        shown = r.shown OR given.showing
    FROM unnest(ids, tokens, showing) AS given (id, token, showing)
    WHERE r.id = given.id
      AND ((r.state = 'running' AND r.attempt_token = given.token)
           OR (r.state = 'queued' AND given.token IS NULL))
    RETURNING r.id, r.cancel_requested_at IS NOT NULL
$$;

CREATE FUNCTION inference_run_states(ids uuid[])
RETURNS TABLE (
    id uuid, organisation_id uuid, state varchar, attempts integer, lapsed boolean, error_code varchar,
    retryable boolean, finish_reason varchar, usage jsonb, model varchar, model_digest varchar
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, r.organisation_id, r.state, r.attempts,
           r.state IN ('queued', 'running') AND (r.lease_expires_at < now() OR r.deadline < now()),
           r.error_code, r.retryable, r.finish_reason,
           jsonb_build_object('prompt_tokens', r.prompt_tokens, 'completion_tokens', r.completion_tokens,
               'queue_ms', r.queue_ms, 'prefill_ms', r.prefill_ms, 'decode_ms', r.decode_ms),
           r.model, r.model_digest
    FROM inference_run r WHERE r.id = ANY (ids)
$$;

CREATE FUNCTION inference_queue_depths()
RETURNS TABLE (engine varchar, priority smallint, state varchar, depth bigint, oldest_seconds double precision)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.engine, r.priority, r.state, count(*), extract(epoch FROM now() - min(r.created_at))::double precision
    FROM inference_run r WHERE r.state IN ('queued', 'running')
    GROUP BY r.engine, r.priority, r.state ORDER BY r.engine, r.priority, r.state
$$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION inference_lapsed_runs(integer);
DROP FUNCTION inference_renew_leases(uuid[], uuid[], boolean[], double precision);
DROP FUNCTION inference_run_states(uuid[]);
DROP FUNCTION inference_queue_depths();
"""


class Migration(migrations.Migration):
    dependencies = [("inference", "0001_initial")]

    operations = [
        EnableRowSecurity("run"),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
    ]
