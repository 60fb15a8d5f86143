"""Versions of knowledge that an organisation proposes, reviews and works with."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinical_keys'),
        ('clinical_assist', '0007_notes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='KnowledgeVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('knowledge', 'Conditions and findings'), ('medicines', 'Medicines'), ('ordersets', 'Order sets')], max_length=16)),
                ('number', models.PositiveIntegerField()),
                ('content', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('base_digest', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('reviewed', 'Reviewed'), ('rejected', 'Rejected'), ('active', 'In use'), ('retired', 'No longer in use')], default='proposed', max_length=16)),
                ('figures', models.JSONField(null=True)),
                ('note', llmasos.vault.fields.EncryptedTextField(subject_attribute='organisation_id', subject_kind='organisation', validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='What was changed and why')),
                ('review_note', llmasos.vault.fields.EncryptedTextField(blank=True, default='', subject_attribute='organisation_id', subject_kind='organisation', validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='Finding of the review')),
                ('proposed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reviewed_at', models.DateTimeField(null=True)),
                ('activated_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('activated_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('proposed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'kind', 'number'), name='clinical_version_number'), models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('organisation', 'kind'), name='clinical_version_in_use')],
            },
        ),
        EnableRowSecurity("knowledgeversion"),
    ]
