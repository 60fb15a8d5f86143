"""Conditions and wording of plans, and reviews of rules."""

from __future__ import annotations

import django.db.models.deletion
import django.utils.timezone
import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinical_keys'),
        ('clinical_assist', '0010_fhir_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='plandraft',
            name='conditions',
            field=llmasos.vault.fields.EncryptedJSONField(null=True, subject_attribute='patient_id', subject_kind='patient'),
        ),
        migrations.AddField(
            model_name='plandraft',
            name='wording',
            field=models.CharField(blank=True, choices=[('', 'As the order sets say it'), ('asked', 'The language model is wording it'), ('done', 'Worded by the language model'), ('away', 'The language model was not there')], default='', max_length=8),
        ),
        migrations.CreateModel(
            name='RuleReview',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=200)),
                ('note', llmasos.vault.fields.EncryptedTextField(subject_attribute='organisation_id', subject_kind='organisation', verbose_name='what was found')),
                ('fired', models.PositiveIntegerField()),
                ('overridden', models.PositiveIntegerField()),
                ('since', models.DateField()),
                ('until', models.DateField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'ordering': ['-at'],
                'indexes': [models.Index(fields=['organisation', 'rule', 'at'], name='clinical_review_by_rule')],
            },
        ),
        EnableRowSecurity("rulereview"),
    ]
