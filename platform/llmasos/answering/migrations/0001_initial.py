"""Fitted parameters of the evidence estimate, with row-level security."""

from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("retrieval", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Calibration",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("parameters", models.JSONField()),
                ("n", models.PositiveIntegerField(help_text="Labelled questions that the fit used.")),
                ("fitted_at", models.DateTimeField(auto_now_add=True)),
                (
                    "collection",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="retrieval.collection",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organisation",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organisation", "collection"),
                        name="answering_calibration_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        EnableRowSecurity("calibration"),
    ]
