"""Exercises, and what learners answer to them."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_guardians_and_tutor_keys"),
        ("tutor", "0011_quality"),
    ]

    operations = [
        migrations.AddField(
            model_name="learningsettings",
            name="practice",
            field=models.BooleanField(default=True, verbose_name="let learners practise"),
        ),
        migrations.CreateModel(
            name="Exercise",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("short", "Short answer"),
                            ("essay", "Essay"),
                            ("numeric", "Number"),
                            ("choice", "Multiple choice"),
                        ],
                        default="short",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("prompt", models.TextField(max_length=20000, verbose_name="question")),
                ("numeric_value", models.FloatField(blank=True, null=True, verbose_name="value")),
                ("numeric_unit", models.CharField(blank=True, max_length=40, verbose_name="unit")),
                ("numeric_tolerance", models.FloatField(default=0.0, verbose_name="tolerance")),
                (
                    "numeric_tolerance_kind",
                    models.CharField(
                        choices=[("none", "Exact"), ("absolute", "Plus or minus"), ("relative", "Per cent")],
                        default="none",
                        max_length=16,
                    ),
                ),
                ("options", models.JSONField(blank=True, default=list, verbose_name="options")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "references",
                    django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None),
                ),
                ("hints", models.JSONField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exercises", to="tutor.course"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "skill",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="exercises", to="tutor.skill"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tutor.question"
                    ),
                ),
            ],
            options={
                "verbose_name": "exercise",
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="PracticeTry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "text",
                    llmasos.vault.fields.EncryptedTextField(
                        default="", subject_attribute="learner_id", subject_kind="learner"
                    ),
                ),
                (
                    "choices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40), blank=True, default=list, size=None
                    ),
                ),
                ("hints", models.PositiveSmallIntegerField(default=0)),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "Right, as far as the check can tell"),
                            ("partly", "Partly right, as far as the check can tell"),
                            ("wrong", "Not right, as far as the check can tell"),
                            ("unsure", "The check is not sure"),
                        ],
                        max_length=16,
                    ),
                ),
                ("confidence", models.FloatField(default=0.0)),
                ("model_digest", models.CharField(blank=True, max_length=64)),
                ("share", models.FloatField(null=True)),
                ("judged_by_learner", models.BooleanField(default=False)),
                (
                    "exercise",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tries", to="tutor.exercise"
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tries", to="tutor.learner"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["-started_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="exercise",
            constraint=models.UniqueConstraint(fields=("source", "skill"), name="tutor_exercise_source"),
        ),
        migrations.AddConstraint(
            model_name="exercise",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind", "essay"), _negated=True), name="tutor_exercise_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="practicetry",
            index=models.Index(fields=["learner", "answered_at"], name="tutor_try_history"),
        ),
        migrations.AddConstraint(
            model_name="practicetry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("answered_at", None)), fields=("learner", "exercise"), name="tutor_try_open"
            ),
        ),
        EnableRowSecurity("exercise"),
        EnableRowSecurity("practicetry"),
    ]
