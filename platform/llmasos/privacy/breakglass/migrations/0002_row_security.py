from __future__ import annotations

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from llmasos.accounts.tenancy import EnableRowSecurity


def restrict_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let the application end a grant and take words away, never lengthen a grant or rewrite a finding."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table, columns in (("grant", "ended_at, announced_at, note"), ("review", "note")):
        schema_editor.execute(f"REVOKE UPDATE ON privacy_breakglass_{table} FROM {role}")
        schema_editor.execute(f"GRANT UPDATE ({columns}) ON privacy_breakglass_{table} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("privacy_breakglass", "0001_initial")]

    operations = [
        EnableRowSecurity("grant"),
        EnableRowSecurity("review"),
        migrations.RunPython(restrict_application, migrations.RunPython.noop),
    ]
