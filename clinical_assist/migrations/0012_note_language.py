"""A note keeps the language in which it was drafted."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0011_record")]

    operations = [
        migrations.AddField(
            model_name="note",
            name="language",
            field=models.CharField(default="en", max_length=16),
        ),
    ]
