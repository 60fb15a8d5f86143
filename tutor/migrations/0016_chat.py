"""Conversations of learners with a course's chat."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_guardians_and_tutor_keys"),
        ("tutor", "0015_rosters"),
    ]

    operations = [
        migrations.AddField(
            model_name="learningsettings",
            name="chat",
            field=models.BooleanField(default=True, verbose_name="let learners ask the chat"),
        ),
        migrations.AddField(
            model_name="learningsettings",
            name="chat_read_by_staff",
            field=models.BooleanField(default=False, verbose_name="let teachers and assistants read the chat"),
        ),
        migrations.CreateModel(
            name="ChatTurn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "text",
                    llmasos.vault.fields.EncryptedTextField(subject_attribute="learner_id", subject_kind="learner"),
                ),
                ("readable_by_staff", models.BooleanField(default=False)),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("pending", "Being answered"),
                            ("answered", "Answered from the material"),
                            ("unknown", "Nothing found in the material"),
                            ("guided", "Guided: it is about open work"),
                            ("failed", "Failed"),
                        ],
                        default="pending",
                        max_length=16,
                    ),
                ),
                ("run_id", models.UUIDField(null=True, unique=True)),
                (
                    "reply",
                    llmasos.vault.fields.EncryptedTextField(
                        default="", subject_attribute="learner_id", subject_kind="learner"
                    ),
                ),
                (
                    "sources",
                    llmasos.vault.fields.EncryptedTextField(
                        default="{}", subject_attribute="learner_id", subject_kind="learner"
                    ),
                ),
                ("chunk", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "course",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.course"),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="chat_turns", to="tutor.learner"
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
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="tutor.question"
                    ),
                ),
            ],
            options={
                "ordering": ["asked_at"],
                "indexes": [models.Index(fields=["learner", "course", "asked_at"], name="tutor_chat_order")],
            },
        ),
        EnableRowSecurity("chatturn"),
    ]
