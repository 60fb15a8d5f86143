"""The one look across organisations that erasing a person needs."""

from __future__ import annotations

from django.db import migrations

# Who belongs to no organisation any more is cut loose from what they made elsewhere, so that the account can be
# removed; who does, or who operates the installation, is left alone. The answer says no more than that.
FUNCTION = """
CREATE FUNCTION privacy_release_person(wanted_person uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_membership WHERE person_id = wanted_person)
        OR NOT EXISTS (
            SELECT 1 FROM accounts_person
            WHERE id = wanted_person AND NOT is_operator AND NOT is_staff AND NOT is_superuser
        )
    THEN
        RETURN false;
    END IF;
    UPDATE accounts_apikey SET created_by_id = NULL WHERE created_by_id = wanted_person;
    UPDATE accounts_invitation SET invited_by_id = NULL WHERE invited_by_id = wanted_person;
    RETURN true;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_row_security"),
        ("accounts", "0003_mail_and_setup"),
    ]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION privacy_release_person(uuid)")]
