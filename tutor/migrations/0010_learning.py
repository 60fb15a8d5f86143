"""Mastery, review dates and advice of learners."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_guardians_and_tutor_keys"),
        ("tutor", "0008_desk"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CourseTracing",
            fields=[
                (
                    "course",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="tracing",
                        serialize=False,
                        to="tutor.course",
                    ),
                ),
                ("content", models.JSONField()),
                ("digest", models.CharField(max_length=64)),
                ("evidence", models.PositiveIntegerField()),
                ("fitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="LearningSettings",
            fields=[
                (
                    "course",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="learning_settings",
                        serialize=False,
                        to="tutor.course",
                    ),
                ),
                ("advice", models.BooleanField(default=True, verbose_name="show learners what to do next")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Advice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("missed", "Something missed in a marked answer"),
                            ("review", "A skill to look at again"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(max_length=140)),
                ("position", models.PositiveSmallIntegerField()),
                ("criterion", models.CharField(blank=True, max_length=64)),
                ("chunk", models.BigIntegerField(null=True)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("vetoed_at", models.DateTimeField(null=True)),
                (
                    "veto_reason",
                    llmasos.vault.fields.EncryptedTextField(
                        default="", subject_attribute="learner_id", subject_kind="learner"
                    ),
                ),
                (
                    "course",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.course"),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="advice", to="tutor.learner"
                    ),
                ),
                (
                    "mark",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.mark"
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
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.skill"
                    ),
                ),
                (
                    "vetoed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["position", "made_at"],
                "constraints": [
                    models.UniqueConstraint(fields=("learner", "course", "key"), name="tutor_advice_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "missed"), ("mark__isnull", False)),
                            models.Q(("kind", "review"), ("skill__isnull", False)),
                            _connector="OR",
                        ),
                        name="tutor_advice_grounds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LearnerProgress",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("computed_at", models.DateTimeField(null=True)),
                ("tracing", models.CharField(blank=True, max_length=64)),
                (
                    "course",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="progress", to="tutor.course"
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="progress", to="tutor.learner"
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
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("computed_at", None), ("computed_at__lt", models.F("asked_at")), _connector="OR"
                        ),
                        fields=["organisation", "asked_at"],
                        name="tutor_progress_waiting",
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("learner", "course"), name="tutor_progress_once")],
            },
        ),
        migrations.CreateModel(
            name="SkillMastery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("responses", models.PositiveIntegerField()),
                ("probability", models.FloatField()),
                ("low", models.FloatField()),
                ("high", models.FloatField()),
                ("basis", models.CharField(max_length=16)),
                ("last_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="mastery", to="tutor.learner"
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="mastery", to="tutor.skill"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("learner", "skill"), name="tutor_mastery_once")],
            },
        ),
        *(
            EnableRowSecurity(model)
            for model in ("coursetracing", "learningsettings", "learnerprogress", "skillmastery", "advice")
        ),
    ]
