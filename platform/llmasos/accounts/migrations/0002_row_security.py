"""Row-level security on accounts, and the few look-ups that must cross organisations."""

from __future__ import annotations

from django.db import migrations

from llmasos.accounts.tenancy import EnableRowSecurity

FUNCTIONS = """
CREATE FUNCTION llmasos_memberships_of(wanted_person uuid)
RETURNS TABLE (organisation_id uuid, slug varchar, name varchar, roles varchar[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id, o.slug, o.name, array_agg(m.role ORDER BY m.role)
    FROM accounts_membership m
    JOIN accounts_organisation o ON o.id = m.organisation_id
    JOIN accounts_person p ON p.id = m.person_id AND p.is_active
    WHERE m.person_id = wanted_person
    GROUP BY o.id, o.slug, o.name
    ORDER BY o.name
$$;

CREATE FUNCTION llmasos_organisation_id(wanted_slug varchar) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT id FROM accounts_organisation WHERE slug = wanted_slug
$$;

CREATE FUNCTION llmasos_organisation_ids() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT o.id FROM accounts_organisation o ORDER BY o.created_at, o.id
$$;

CREATE FUNCTION llmasos_api_key(wanted_prefix varchar)
RETURNS TABLE (
    id uuid, organisation_id uuid, secret_digest bytea, scopes varchar[],
    service_account_id uuid, expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz
)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT k.id, k.organisation_id, k.secret_digest, k.scopes, k.service_account_id,
           k.expires_at, coalesce(k.revoked_at, s.deactivated_at), k.last_used_at
    FROM accounts_apikey k
    LEFT JOIN accounts_serviceaccount s ON s.id = k.service_account_id
    WHERE k.prefix = wanted_prefix
$$;

CREATE FUNCTION llmasos_invitation(wanted_digest bytea) RETURNS TABLE (id uuid, organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id, i.organisation_id FROM accounts_invitation i WHERE i.secret_digest = wanted_digest
$$;
"""

DROP_FUNCTIONS = """
DROP FUNCTION llmasos_memberships_of(uuid);
DROP FUNCTION llmasos_organisation_id(varchar);
DROP FUNCTION llmasos_organisation_ids();
DROP FUNCTION llmasos_api_key(varchar);
DROP FUNCTION llmasos_invitation(bytea);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        EnableRowSecurity("organisation", column="id"),
        EnableRowSecurity("membership"),
        EnableRowSecurity("invitation"),
        EnableRowSecurity("serviceaccount"),
        EnableRowSecurity("apikey"),
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
    ]
