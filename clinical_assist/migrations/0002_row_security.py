"""Row-level security on everything that a clinic keeps here; what was shown and what was added is never rewritten."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from llmasos.accounts.tenancy import EnableRowSecurity

MODELS = (
    "patient", "careteammember", "encounter", "recorditem", "intake", "showndifferential", "plandraft", "planline",
    "note", "noteaddendum", "rulefiring",
)  # fmt: skip

NEVER_REWRITTEN = ("clinical_assist_showndifferential", "clinical_assist_noteaddendum")


def restrict(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in NEVER_REWRITTEN:
        schema_editor.execute(f"REVOKE UPDATE ON {table} FROM {role}")


def loosen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in NEVER_REWRITTEN:
        schema_editor.execute(f"GRANT UPDATE ON {table} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0001_initial")]

    operations = [*(EnableRowSecurity(model) for model in MODELS), migrations.RunPython(restrict, loosen)]
