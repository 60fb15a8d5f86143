"""A signed note never changes: PostgreSQL refuses it. Drafts know who saved them, and can be withdrawn."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# What may still change in a signed note: that it has an addendum, and that a person is no longer known.
FREEZE = """
CREATE FUNCTION clinical_deny_signed_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state IN ('signed', 'amended')
       AND to_jsonb(NEW) - ARRAY['state', 'created_by_id', 'saved_by_id', 'signed_by_id']
         = to_jsonb(OLD) - ARRAY['state', 'created_by_id', 'saved_by_id', 'signed_by_id']
       AND (NEW.state = OLD.state OR NEW.state = 'amended')
       AND (NEW.created_by_id IS NULL OR NEW.created_by_id IS NOT DISTINCT FROM OLD.created_by_id)
       AND (NEW.saved_by_id IS NULL OR NEW.saved_by_id IS NOT DISTINCT FROM OLD.saved_by_id)
       AND (NEW.signed_by_id IS NULL OR NEW.signed_by_id IS NOT DISTINCT FROM OLD.signed_by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'A signed note never changes: % on % is denied.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER frozen BEFORE UPDATE ON clinical_assist_note
    FOR EACH ROW WHEN (OLD.state IN ('signed', 'amended')) EXECUTE FUNCTION clinical_deny_signed_change();
"""

THAW = """
DROP TRIGGER frozen ON clinical_assist_note;
DROP FUNCTION clinical_deny_signed_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clinical_assist", "0004_fhir"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="note",
            name="wording",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "As drafted from the record"),
                    ("asked", "The language model is wording it"),
                    ("done", "Worded by the language model"),
                    ("away", "The language model was not there"),
                ],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="saved_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="saved_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name="note",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(FREEZE, THAW),
    ]
