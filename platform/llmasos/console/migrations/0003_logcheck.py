from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_mail_and_setup'),
        ('console', '0002_knowledge_totals'),
    ]

    operations = [
        migrations.CreateModel(
            name='LogCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('queued', 'Waiting'), ('running', 'At work'), ('done', 'Done'), ('failed', 'Broken off')], default='queued', max_length=16, verbose_name='state')),
                ('total', models.BigIntegerField(default=0, verbose_name='entries')),
                ('report', models.JSONField(default=dict, verbose_name='report')),
                ('asked_by_id', models.UUIDField(null=True, verbose_name='asked by')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='asked')),
                ('started_at', models.DateTimeField(null=True, verbose_name='began')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'check of the log',
                'verbose_name_plural': 'checks of the log',
                'indexes': [models.Index(fields=['organisation', '-asked_at'], name='console_check_newest')],
            },
        ),
        EnableRowSecurity('logcheck'),
    ]
