from __future__ import annotations

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_marks_scope"),
        ("inference", "0004_model_families"),
    ]

    operations = [
        migrations.CreateModel(
            name="UsageLimit",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("program_kind", models.CharField(blank=True, max_length=16)),
                ("program_id", models.UUIDField(null=True)),
                (
                    "measure",
                    models.CharField(
                        choices=[("requests", "Requests"), ("tokens", "Tokens"), ("concurrent", "Requests at once")],
                        max_length=16,
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        blank=True,
                        choices=[("minute", "a minute"), ("day", "a day"), ("month", "a month")],
                        max_length=16,
                    ),
                ),
                ("amount", models.PositiveBigIntegerField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="usagelimit",
            constraint=models.UniqueConstraint(
                fields=["organisation", "program_kind", "program_id", "measure", "period"],
                name="inference_one_limit",
                nulls_distinct=False,
            ),
        ),
        EnableRowSecurity("usagelimit"),
    ]
