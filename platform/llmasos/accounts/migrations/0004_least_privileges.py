"""The application's role reads Django's own tables, and nobody but that role calls the functions of the owner."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Written by `migrate`, as the owner.
READ_ONLY = ("django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions")

# Functions of extensions stay as they are: they hold nothing, and everybody's queries are made of them.
CLOSED_FUNCTIONS = """
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND pg_get_userbyid(p.proowner) = current_user
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one);
    END LOOP;
END
$$;
"""

OPEN_FUNCTIONS = "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC"


def restrict(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in READ_ONLY:
        schema_editor.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM {role}")
    schema_editor.execute(f"REVOKE UPDATE, DELETE ON django_admin_log FROM {role}")


def loosen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in (*READ_ONLY, "django_admin_log"):
        schema_editor.execute(f"GRANT INSERT, UPDATE, DELETE ON {table} TO {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_mail_and_setup"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RunPython(restrict, loosen),
        migrations.RunSQL(CLOSED_FUNCTIONS, OPEN_FUNCTIONS),
    ]
