
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inference', '0003_run_defaults'),
    ]

    operations = [
        migrations.AddField(
            model_name='catalogueentry',
            name='is_outside',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='catalogueentry',
            name='key_source',
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name='catalogueentry',
            name='licence',
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name='catalogueentry',
            name='remote_code',
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name='catalogueentry',
            name='task',
            field=models.CharField(choices=[('embed', 'Embeddings'), ('generate', 'Text generation'), ('rerank', 'Ranking texts for a query'), ('classify', 'Classification'), ('answer_span', 'Answers in a text'), ('score', 'Likelihood of text')], max_length=16),
        ),
    ]
