"""Stop switches and medical leads."""

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
        ('clinical_assist', '0002_row_security'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MedicalLead',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField(null=True)),
                ('named_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('organisation', 'person'), name='clinical_lead_once')],
            },
        ),
        migrations.CreateModel(
            name='StopSwitch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('function', models.CharField(choices=[('recognition', 'Recognition of findings in text'), ('differential', 'Differential'), ('plan', 'Plan drafts'), ('checks', 'Checks of medicines'), ('note', 'Note drafts'), ('hooks', 'Cards for other systems (CDS Hooks)')], max_length=16)),
                ('stopped', models.BooleanField()),
                ('reason', llmasos.vault.fields.EncryptedTextField(subject_attribute='organisation_id', subject_kind='organisation', validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='reason')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['organisation', 'function', '-at'], name='clinical_switch_latest')],
            },
        ),
        EnableRowSecurity("medicallead"),
        EnableRowSecurity("stopswitch"),
    ]
