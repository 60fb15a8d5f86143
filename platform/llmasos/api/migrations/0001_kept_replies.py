import django.core.serializers.json
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0005_guardians_and_tutor_keys'),
    ]

    operations = [
        migrations.CreateModel(
            name='KeptReply',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor_kind', models.CharField(max_length=16)),
                ('actor_id', models.UUIDField()),
                ('key', models.CharField(max_length=200)),
                ('request_digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('body', models.JSONField(encoder=django.core.serializers.json.DjangoJSONEncoder, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['organisation', 'created_at'], name='api_kept_reply_age')],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'actor_kind', 'actor_id', 'key'), name='api_kept_reply_once')],
            },
        ),
        EnableRowSecurity('keptreply'),
    ]
