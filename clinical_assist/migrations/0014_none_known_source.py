"""The statement that no allergies are known keeps which imported resource made it, so that its source can take it back."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0013_firing_version")]

    operations = [
        migrations.AddField(
            model_name="patient",
            name="no_known_allergies_key",
            field=models.BinaryField(editable=False, max_length=32, null=True),
        ),
    ]
