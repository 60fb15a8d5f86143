"""Learning platforms that launch the tutor."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_guardians_and_tutor_keys"),
        ("tutor", "0016_chat"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="LtiPlatform",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("issuer", models.CharField(max_length=255, verbose_name="issuer")),
                ("client_id", models.CharField(max_length=255, verbose_name="client id")),
                (
                    "deployment_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=255), size=None, verbose_name="deployment ids"
                    ),
                ),
                ("key_set_url", models.CharField(max_length=400, verbose_name="key-set address")),
                ("authorisation_url", models.CharField(max_length=400, verbose_name="authorisation address")),
                ("token_url", models.CharField(max_length=400, verbose_name="token address")),
                (
                    "service_url",
                    models.CharField(blank=True, max_length=400, verbose_name="address of the platform itself"),
                ),
                (
                    "private_key",
                    llmasos.vault.fields.EncryptedTextField(
                        subject_attribute="organisation_id", subject_kind="organisation"
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
            ],
            options={
                "ordering": ["name", "created_at"],
            },
        ),
        migrations.CreateModel(
            name="LtiLearner",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                (
                    "sub",
                    llmasos.vault.fields.EncryptedTextField(subject_attribute="learner_id", subject_kind="learner"),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.learner"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.ltiplatform"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LtiContext",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("deployment_id", models.CharField(max_length=255)),
                ("context_id", models.CharField(max_length=255)),
                ("memberships_url", models.CharField(blank=True, max_length=800)),
                (
                    "course",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.course"),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="contexts", to="tutor.ltiplatform"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LtiAccount",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "platform",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.ltiplatform"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="LtiLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("resource_link_id", models.CharField(max_length=255)),
                ("line_item_url", models.CharField(blank=True, max_length=800)),
                (
                    "assignment",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tutor.assignment"
                    ),
                ),
                (
                    "context",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="links", to="tutor.lticontext"
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
                "constraints": [models.UniqueConstraint(fields=("context", "resource_link_id"), name="tutor_lti_link")],
            },
        ),
        migrations.AddConstraint(
            model_name="ltiplatform",
            constraint=models.UniqueConstraint(fields=("organisation", "issuer", "client_id"), name="tutor_lti_client"),
        ),
        migrations.AddConstraint(
            model_name="ltilearner",
            constraint=models.UniqueConstraint(fields=("platform", "digest"), name="tutor_lti_learner"),
        ),
        migrations.AddConstraint(
            model_name="lticontext",
            constraint=models.UniqueConstraint(
                fields=("platform", "deployment_id", "context_id"), name="tutor_lti_context"
            ),
        ),
        migrations.AddConstraint(
            model_name="ltiaccount",
            constraint=models.UniqueConstraint(fields=("platform", "digest"), name="tutor_lti_account"),
        ),
        EnableRowSecurity("ltiplatform"),
        EnableRowSecurity("ltiaccount"),
        EnableRowSecurity("ltilearner"),
        EnableRowSecurity("lticontext"),
        EnableRowSecurity("ltilink"),
    ]
