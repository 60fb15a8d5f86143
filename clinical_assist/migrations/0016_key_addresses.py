"""Other systems may publish their keys at an address."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0015_note_review")]

    operations = [
        migrations.AddField(
            model_name=name,
            name="key_set_url",
            field=models.CharField(blank=True, default="", max_length=400, verbose_name="address of the key set"),
        )
        for name in ("fhirclient", "hookcaller")
    ]
