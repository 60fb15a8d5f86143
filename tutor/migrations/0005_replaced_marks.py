"""Which mark took the place of which."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tutor", "0004_marking_desk"),
    ]

    operations = [
        migrations.AddField(
            model_name="mark",
            name="replaces",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tutor.mark"
            ),
        ),
    ]
