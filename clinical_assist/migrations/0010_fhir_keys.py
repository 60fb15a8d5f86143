"""Key sets are registered as they are; none is fetched from an address."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0009_encounters")]

    operations = [
        migrations.RemoveField("fhirclient", "key_set_url"),
        migrations.RemoveField("hookcaller", "key_set_url"),
    ]
