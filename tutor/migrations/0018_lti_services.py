"""Class lists from learning platforms, and scores to them."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_guardians_and_tutor_keys'),
        ('tutor', '0017_lti'),
    ]

    operations = [
        migrations.AddField(
            model_name='lticontext',
            name='members_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='lticontext',
            name='members_counts',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='lticontext',
            name='members_error',
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name='lticontext',
            name='members_state',
            field=models.CharField(blank=True, choices=[('queued', 'Waiting'), ('running', 'At work'), ('done', 'Done'), ('failed', 'Failed')], max_length=16),
        ),
        migrations.CreateModel(
            name='LtiScore',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('waiting', 'On its way'), ('sent', 'Stands on the platform'), ('taken_back', 'Taken back'), ('changed', 'Changed on the platform'), ('failed', 'Not taken')], default='waiting', max_length=16)),
                ('error_code', models.CharField(blank=True, max_length=60)),
                ('overwrites', models.BooleanField(default=False)),
                ('points', models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ('maximum', models.DecimalField(decimal_places=2, max_digits=8, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('sent_at', models.DateTimeField(null=True)),
                ('learner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tutor.learner')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='tutor.ltilink')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('link', 'learner'), name='tutor_lti_score')],
            },
        ),
        EnableRowSecurity("ltiscore"),
    ]
