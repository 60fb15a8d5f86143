"""Removing the account of a person who belongs nowhere any more: the one look across organisations that it needs."""

from __future__ import annotations

from django.db import migrations

# Who still belongs somewhere, or operates the installation, is left alone; the answer, a count of rows, says no more.
# The admin's own log is closed to the application's role, so that it is cleaned here.
FUNCTION = """
CREATE FUNCTION privacy_remove_person(wanted_person uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    removed integer := 0; step integer;
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_membership WHERE person_id = wanted_person)
        OR NOT EXISTS (
            SELECT 1 FROM accounts_person
            WHERE id = wanted_person AND NOT is_operator AND NOT is_staff AND NOT is_superuser
        )
    THEN
        RETURN 0;
    END IF;
    UPDATE accounts_apikey SET created_by_id = NULL WHERE created_by_id = wanted_person;
    UPDATE accounts_invitation SET invited_by_id = NULL WHERE invited_by_id = wanted_person;
    DELETE FROM account_emailconfirmation WHERE email_address_id IN (
        SELECT id FROM account_emailaddress WHERE user_id = wanted_person
    );
    DELETE FROM account_emailaddress WHERE user_id = wanted_person;
    GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
    DELETE FROM mfa_authenticator WHERE user_id = wanted_person;
    GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
    DELETE FROM django_admin_log WHERE user_id = wanted_person OR object_id = wanted_person::text;
    GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
    DELETE FROM accounts_person_groups WHERE person_id = wanted_person;
    DELETE FROM accounts_person_user_permissions WHERE person_id = wanted_person;
    DELETE FROM accounts_person WHERE id = wanted_person;
    GET DIAGNOSTICS step = ROW_COUNT;
    RETURN removed + step;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_row_security"),
        ("accounts", "0003_mail_and_setup"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [migrations.RunSQL(FUNCTION, "DROP FUNCTION privacy_remove_person(uuid)")]
