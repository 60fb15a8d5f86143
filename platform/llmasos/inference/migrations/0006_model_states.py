from __future__ import annotations

import uuid

import django.db.models.deletion
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_marks_scope"),
        ("inference", "0005_usage_limits"),
    ]

    operations = [
        migrations.AddField(
            model_name="catalogueentry",
            name="is_draining",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="catalogueentry",
            name="is_pinned",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="OrganisationDefault",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "task",
                    models.CharField(
                        choices=[
                            ("embed", "Embeddings"),
                            ("generate", "Text generation"),
                            ("rerank", "Ranking texts for a query"),
                            ("classify", "Classification"),
                            ("answer_span", "Answers in a text"),
                            ("score", "Likelihood of text"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="inference.catalogueentry"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="organisationdefault",
            constraint=models.UniqueConstraint(
                fields=["organisation", "task"], name="inference_one_default_an_organisation"
            ),
        ),
        EnableRowSecurity("organisationdefault"),
    ]
