"""By which version of the tables a rule fired."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0012_note_language")]

    operations = [
        migrations.AddField(
            model_name="rulefiring",
            name="version",
            field=models.CharField(blank=True, max_length=80),
        ),
    ]
