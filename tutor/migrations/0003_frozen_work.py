"""What was handed in stays as it is, whoever asks: PostgreSQL refuses to change it."""

from __future__ import annotations

from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FREEZE = """
CREATE FUNCTION tutor_deny_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'Work that was handed in never changes: % on % is denied.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE FUNCTION tutor_deny_change_once_handed_in() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    -- The row is locked, so that an answer cannot slip past a hand-in that is under way.
    IF EXISTS (SELECT FROM tutor_submission WHERE id IN (OLD.submission_id, NEW.submission_id)
               AND state = 'submitted' FOR SHARE) THEN
        RAISE EXCEPTION 'Work that was handed in never changes: % on % is denied.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE FUNCTION tutor_deny_late_file() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM tutor_answer a JOIN tutor_submission s ON s.id = a.submission_id
               WHERE a.id = NEW.answer_id AND s.state = 'submitted' FOR SHARE OF s) THEN
        RAISE EXCEPTION 'Work that was handed in never changes: % on % is denied.', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE ON tutor_submission
    FOR EACH ROW WHEN (OLD.state = 'submitted') EXECUTE FUNCTION tutor_deny_change();
CREATE TRIGGER frozen BEFORE UPDATE ON tutor_answer
    FOR EACH ROW EXECUTE FUNCTION tutor_deny_change_once_handed_in();
CREATE TRIGGER frozen BEFORE INSERT ON tutor_answerfile
    FOR EACH ROW EXECUTE FUNCTION tutor_deny_late_file();
"""

THAW = """
DROP TRIGGER frozen ON tutor_answerfile;
DROP TRIGGER frozen ON tutor_answer;
DROP TRIGGER frozen ON tutor_submission;
DROP FUNCTION tutor_deny_late_file();
DROP FUNCTION tutor_deny_change_once_handed_in();
DROP FUNCTION tutor_deny_change();
"""


def restrict(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    schema_editor.execute(f"REVOKE UPDATE ON tutor_answerfile FROM {role}")


def loosen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    role = schema_editor.quote_name(str(settings.DATABASES["default"]["USER"]))
    schema_editor.execute(f"GRANT UPDATE ON tutor_answerfile TO {role}")


class Migration(migrations.Migration):
    dependencies = [("tutor", "0002_row_security")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="handed_in_by",
            field=models.CharField(
                blank=True,
                choices=[("learner", "The learner"), ("deadline", "The deadline"), ("staff", "The staff")],
                max_length=16,
            ),
        ),
        migrations.AddField(
            model_name="release",
            name="seen_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FREEZE, THAW),
        migrations.RunPython(restrict, loosen),
    ]
