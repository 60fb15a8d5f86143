"""How much of a question's proposals a teacher reviews."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("tutor", "0005_replaced_marks"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReviewDial",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("model_digest", models.CharField(blank=True, max_length=64)),
                ("border", models.FloatField()),
                ("allowed", models.FloatField()),
                ("marks", models.PositiveIntegerField()),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "chosen_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "question",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="dial", to="tutor.question"
                    ),
                ),
                (
                    "rubric",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.rubricversion"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("border__gte", 0.0)), name="tutor_dial_border"
                    )
                ],
            },
        ),
        EnableRowSecurity("reviewdial"),
    ]
