from __future__ import annotations

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from llmasos.accounts.tenancy import EnableRowSecurity


def restrict_application(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A version of a policy and a map are written once: the application may not change either."""
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in ("policy", "surrogatemap"):
        schema_editor.execute(f"REVOKE UPDATE ON privacy_deidentification_{table} FROM {role}")


class Migration(migrations.Migration):
    dependencies = [("privacy_deidentification", "0001_initial")]

    operations = [
        EnableRowSecurity("policy"),
        EnableRowSecurity("surrogatemap"),
        migrations.RunPython(restrict_application, migrations.RunPython.noop),
    ]
