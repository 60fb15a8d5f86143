"""Removing an account also where other tables name the person: who wrote, signed or taught something can be erased."""

from __future__ import annotations

from django.db import migrations

# Tables of applications are not known here, so that their references are looked up. What merely names the person stays
# without the name; what is only about the person (a place in a care team, a setting) goes. The owner does this, since
# the application's role may not change some of these tables.
FUNCTION = """
CREATE OR REPLACE FUNCTION privacy_remove_person(wanted_person uuid) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    removed integer := 0; step integer; held record;
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_membership WHERE person_id = wanted_person)
        OR NOT EXISTS (
            SELECT 1 FROM accounts_person
            WHERE id = wanted_person AND NOT is_operator AND NOT is_staff AND NOT is_superuser
        )
    THEN
        RETURN 0;
    END IF;
    DELETE FROM account_emailconfirmation WHERE email_address_id IN (
        SELECT id FROM account_emailaddress WHERE user_id = wanted_person
    );
    DELETE FROM django_admin_log WHERE user_id = wanted_person OR object_id = wanted_person::text;
    GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
    FOR held IN
        SELECT fk.conrelid::regclass AS place, col.attname AS name, col.attnotnull AS is_needed
        FROM pg_constraint fk
        JOIN pg_attribute col ON col.attrelid = fk.conrelid AND col.attnum = fk.conkey[1]
        WHERE fk.contype = 'f' AND fk.confrelid = 'accounts_person'::regclass
        ORDER BY fk.conrelid::regclass::text, col.attname
    LOOP
        IF held.is_needed THEN
            EXECUTE format('DELETE FROM %s WHERE %I = $1', held.place, held.name) USING wanted_person;
            GET DIAGNOSTICS step = ROW_COUNT; removed := removed + step;
        ELSE
            EXECUTE format('UPDATE %s SET %I = NULL WHERE %I = $1', held.place, held.name, held.name)
                USING wanted_person;
        END IF;
    END LOOP;
    DELETE FROM accounts_person WHERE id = wanted_person;
    GET DIAGNOSTICS step = ROW_COUNT;
    RETURN removed + step;
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_remove_person")]

    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
