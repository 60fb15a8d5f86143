"""Class lists as jobs, imports that programs ask for, and whom comments may name."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tutor', '0018_lti_services'),
    ]

    operations = [
        migrations.AddField(
            model_name='comment',
            name='names',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='marksimport',
            name='program',
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='course',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tutor.course'),
        ),
        migrations.AddField(
            model_name='rosterimport',
            name='requested_by_program',
            field=models.UUIDField(null=True),
        ),
    ]
