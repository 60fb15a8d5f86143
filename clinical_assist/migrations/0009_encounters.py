"""Where findings of an intake come from, collections of reference, settings of readers, and feedback."""

from __future__ import annotations

import uuid

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import llmasos.vault.fields
from llmasos.accounts.tenancy import EnableRowSecurity


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0006_clinical_keys'),
        ('clinical_assist', '0008_knowledge_versions'),
        ('retrieval', '0004_document_subject'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='intake',
            name='origins',
            field=llmasos.vault.fields.EncryptedJSONField(null=True, subject_attribute='patient_id', subject_kind='patient'),
        ),
        migrations.CreateModel(
            name='Feedback',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('about', models.CharField(max_length=40)),
                ('suggestion', models.CharField(blank=True, max_length=200)),
                ('version', models.CharField(blank=True, max_length=80)),
                ('is_good', models.BooleanField()),
                ('words', llmasos.vault.fields.EncryptedTextField(blank=True, default='', subject_attribute='organisation_id', subject_kind='organisation', validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='In your words')),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('open', 'Not looked at'), ('under_way', 'Being looked at'), ('changed', 'Something was changed'), ('closed', 'Nothing to change')], default='open', max_length=16)),
                ('answer', llmasos.vault.fields.EncryptedTextField(blank=True, default='', subject_attribute='organisation_id', subject_kind='organisation', validators=[django.core.validators.MaxLengthValidator(2000)], verbose_name='Answer')),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('given_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'ordering': ['-given_at'],
                'indexes': [models.Index(fields=['organisation', 'state'], name='clinical_feedback_state')],
            },
        ),
        migrations.CreateModel(
            name='ReaderSetting',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('own_list_first', models.BooleanField(default=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'person'), name='clinical_reader_once')],
            },
        ),
        migrations.CreateModel(
            name='ReferenceCollection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('chosen_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('chosen_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('collection', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='retrieval.collection')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'collection'), name='clinical_reference_once')],
            },
        ),
        EnableRowSecurity("feedback"),
        EnableRowSecurity("readersetting"),
        EnableRowSecurity("referencecollection"),
    ]
