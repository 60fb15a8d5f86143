"""What the record said at a review is kept until the signature, and no longer."""

from __future__ import annotations

from django.db import migrations

# Of a signed note nothing else changes.
FORGET = """
ALTER TABLE clinical_assist_note DISABLE TRIGGER frozen;
UPDATE clinical_assist_note SET reviewed_record = NULL
 WHERE state IN ('signed', 'amended') AND reviewed_record IS NOT NULL;
ALTER TABLE clinical_assist_note ENABLE TRIGGER frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0017_card_rules")]

    operations = [migrations.RunSQL(FORGET, migrations.RunSQL.noop, elidable=True)]
