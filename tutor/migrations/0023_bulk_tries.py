"""How often an act on many rows was begun."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tutor', '0022_bulk_marks'),
    ]

    operations = [
        migrations.AddField(
            model_name='bulkact',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
