"""Marks for many answers, given by a worker."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tutor', '0021_bulk_acts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='bulkact',
            name='kind',
            field=models.CharField(choices=[('release', 'Release of results'), ('withdrawal', 'Results taken back'), ('sheet', 'Sheet for marking outside'), ('marks_check', 'What a file of marks would do'), ('marks', 'Import of marks'), ('marks_undo', 'Imported marks taken back'), ('cards', 'Cards'), ('group_marks', 'Marks for a group'), ('confirming', 'Confirming of proposals'), ('group_undo', 'Marks given together taken back')], max_length=16),
        ),
    ]
