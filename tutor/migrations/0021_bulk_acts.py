"""Acts on many rows, done by a worker."""

import django.db.models.deletion
import django.utils.timezone
from llmasos.accounts.tenancy import EnableRowSecurity
import llmasos.vault.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_marks_scope'),
        ('tutor', '0020_draft_earlier'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkAct',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('release', 'Release of results'), ('withdrawal', 'Results taken back'), ('sheet', 'Sheet for marking outside'), ('marks_check', 'What a file of marks would do'), ('marks', 'Import of marks'), ('marks_undo', 'Imported marks taken back'), ('cards', 'Cards')], max_length=16)),
                ('key', models.CharField(max_length=64)),
                ('given', models.JSONField(default=dict)),
                ('content', llmasos.vault.fields.EncryptedTextField(default='', subject_attribute='organisation_id', subject_kind='organisation')),
                ('result', llmasos.vault.fields.EncryptedTextField(default='', subject_attribute='organisation_id', subject_kind='organisation')),
                ('report', models.JSONField(default=dict)),
                ('language', models.CharField(max_length=16)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'At work'), ('done', 'Done'), ('failed', 'Failed')], default='queued', max_length=16)),
                ('total', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('heartbeat_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('assignment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tutor.assignment')),
                ('course', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tutor.course')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('organisation', 'key'), name='tutor_bulk_at_work')],
            },
        ),
        EnableRowSecurity('bulkact'),
    ]
