"""Several rules may stand on one card: each is counted, under the one that leads."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clinical_assist", "0016_key_addresses")]

    operations = [
        migrations.AddField(
            model_name="rulefiring",
            name="under",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="further",
                to="clinical_assist.rulefiring",
            ),
        ),
    ]
