"""Passages that answers share, what tricks would gain, and models that organisations trained."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_guardians_and_tutor_keys"),
        ("tutor", "0010_learning"),
    ]

    operations = [
        migrations.AlterField(
            model_name="markingjob",
            name="kind",
            field=models.CharField(
                choices=[
                    ("groups", "Groups of answers"),
                    ("drafts", "Drafts of feedback"),
                    ("similar", "Similar answers"),
                    ("robustness", "What tricks would gain"),
                ],
                max_length=16,
            ),
        ),
        migrations.CreateModel(
            name="RobustnessCheck",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("model_digest", models.CharField(blank=True, max_length=64)),
                ("answers", models.PositiveIntegerField()),
                ("marks_seen", models.PositiveIntegerField()),
                ("results", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="robustness_checks",
                        to="tutor.question",
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
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="GradingModel",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("content", models.BinaryField()),
                ("card", models.JSONField(default=dict)),
                ("in_use", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "digest"), name="tutor_gradingmodel_digest"),
                    models.UniqueConstraint(
                        condition=models.Q(("in_use", True)), fields=("organisation",), name="tutor_gradingmodel_used"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SimilarPair",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("words", models.PositiveIntegerField()),
                ("share", models.FloatField()),
                ("first_spans", models.JSONField(default=list)),
                ("second_spans", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "first",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.answer"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "question",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="similar_pairs", to="tutor.question"
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.answer"),
                ),
            ],
            options={
                "ordering": ["-share", "-words", "pk"],
                "constraints": [models.UniqueConstraint(fields=("first", "second"), name="tutor_similar_once")],
            },
        ),
        EnableRowSecurity("similarpair"),
        EnableRowSecurity("robustnesscheck"),
        EnableRowSecurity("gradingmodel"),
    ]
