"""Row-level security on everything that a school keeps here; proposals and rubrics are never rewritten."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from llmasos.accounts.tenancy import EnableRowSecurity

MODELS = (
    "term", "course", "coursestaff", "learner", "enrolment", "guardian", "skill",
    "assignment", "question", "questionskill", "rubricversion", "extension", "submission", "answer", "answerfile",
    "proposalrun", "proposal", "answergroup", "groupmember", "groupact", "mark", "release", "markinglock", "comment",
    "annotation", "regraderequest", "regrademessage",
)  # fmt: skip

NEVER_REWRITTEN = ("tutor_proposal", "tutor_rubricversion")


def restrict(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in NEVER_REWRITTEN:
        schema_editor.execute(f"REVOKE UPDATE ON {table} FROM {role}")


def loosen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    for table in NEVER_REWRITTEN:
        schema_editor.execute(f"GRANT UPDATE ON {table} TO {role}")


class Migration(migrations.Migration):
    dependencies = [("tutor", "0001_initial")]

    operations = [*(EnableRowSecurity(model) for model in MODELS), migrations.RunPython(restrict, loosen)]
