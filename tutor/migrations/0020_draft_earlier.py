"""On whose answer the words stand that a draft says again."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tutor', '0019_program_imports'),
    ]

    operations = [
        migrations.AddField(
            model_name='feedbackdraft',
            name='earlier',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tutor.mark'),
        ),
    ]
