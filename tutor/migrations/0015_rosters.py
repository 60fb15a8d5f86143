"""Roster files on their way, and ids of the school's own system."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import llmasos.vault.blind
from llmasos.accounts.tenancy import EnableRowSecurity
import llmasos.vault.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_guardians_and_tutor_keys'),
        ('tutor', '0014_exchange'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='RosterImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('content', llmasos.vault.fields.EncryptedTextField(default='', subject_attribute='organisation_id', subject_kind='organisation')),
                ('step', models.CharField(choices=[('check', 'Checking'), ('apply', 'Applying')], default='check', max_length=16)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'At work'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=16)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('report', models.JSONField(default=dict)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('heartbeat_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.AddField(
            model_name='learner',
            name='external_id',
            field=llmasos.vault.fields.EncryptedTextField(null=True, subject_kind='learner', verbose_name="id in the school's own system"),
        ),
        migrations.AddField(
            model_name='learner',
            name='external_index',
            field=llmasos.vault.blind.BlindIndexField(kind='identifier', purpose='tutor.learner.external', source='external_id'),
        ),
        migrations.AddField(
            model_name='term',
            name='external_id',
            field=models.CharField(blank=True, max_length=255, verbose_name="id in the school's own system"),
        ),
        migrations.AlterField(
            model_name='course',
            name='external_id',
            field=models.CharField(blank=True, max_length=255, verbose_name="id in the school's own system"),
        ),
        migrations.AddIndex(
            model_name='learner',
            index=django.contrib.postgres.indexes.GinIndex(fields=['external_index'], name='tutor_learner_external'),
        ),
        migrations.AddConstraint(
            model_name='term',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('organisation', 'external_id'), name='tutor_term_external_id'),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='requested_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        EnableRowSecurity('rosterimport'),
    ]
