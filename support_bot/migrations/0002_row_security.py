"""Row-level security on everything that visitors wrote, and the one look-up that precedes an organisation."""

from __future__ import annotations

from django.db import migrations

from llmasos.accounts.tenancy import EnableRowSecurity

SITE_BY_KEY = """
CREATE FUNCTION support_bot_site_by_key(wanted_key varchar)
RETURNS TABLE (site_id uuid, organisation_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.organisation_id FROM support_bot_site s WHERE s.key = wanted_key
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("support_bot", "0001_initial")]

    operations = [
        EnableRowSecurity("site"),
        EnableRowSecurity("visitor"),
        EnableRowSecurity("conversation"),
        EnableRowSecurity("message"),
        EnableRowSecurity("feedback"),
        migrations.RunSQL(SITE_BY_KEY, "DROP FUNCTION support_bot_site_by_key(varchar)"),
    ]
