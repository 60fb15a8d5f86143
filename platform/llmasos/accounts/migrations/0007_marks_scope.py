"""A scope for keys that bring in marks which people gave elsewhere."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinical_keys'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('generate', 'Generate text'), ('embed', 'Embed text'), ('search', 'Search knowledge'), ('tutor', 'Run courses and propose marks'), ('clinical', 'Read and write the clinical record'), ('marks', 'Bring in marks that people gave elsewhere (together with courses)')], max_length=32), default=list, size=None),
        ),
    ]
