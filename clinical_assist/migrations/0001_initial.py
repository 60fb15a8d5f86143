

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import llmasos.vault.blind
import llmasos.vault.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0006_clinical_keys'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Encounter',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('open', 'Under way'), ('closed', 'Finished'), ('cancelled', 'Cancelled')], default='planned', max_length=16)),
                ('reason', llmasos.vault.fields.EncryptedTextField(blank=True, default='', subject_attribute='patient_id', subject_kind='patient', verbose_name='reason')),
                ('starts_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='when')),
                ('ended_at', models.DateTimeField(null=True)),
                ('source_key', models.BinaryField(max_length=32, null=True)),
                ('source_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('clinician', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'ordering': ['-starts_at'],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('reviewed', 'Reviewed'), ('signed', 'Signed'), ('amended', 'Signed, with an addendum')], default='draft', max_length=16)),
                ('sections', llmasos.vault.fields.EncryptedJSONField(default=dict, subject_attribute='patient_id', subject_kind='patient')),
                ('pasted', llmasos.vault.fields.EncryptedTextField(default='', subject_attribute='patient_id', subject_kind='patient')),
                ('opened', models.JSONField(default=list)),
                ('model', models.CharField(blank=True, max_length=120)),
                ('model_digest', models.CharField(blank=True, max_length=64)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('signed_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('encounter', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='note', to='clinical_assist.encounter')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Patient',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('family_name', llmasos.vault.fields.EncryptedTextField(subject_kind='patient', verbose_name='family name')),
                ('given_names', llmasos.vault.fields.EncryptedTextField(blank=True, default='', subject_kind='patient', verbose_name='given names')),
                ('birth_date', llmasos.vault.fields.EncryptedDateField(blank=True, null=True, subject_kind='patient', verbose_name='date of birth')),
                ('sex', llmasos.vault.fields.EncryptedTextField(default='unknown', subject_kind='patient', verbose_name='sex in the record')),
                ('deceased_on', llmasos.vault.fields.EncryptedDateField(blank=True, null=True, subject_kind='patient', verbose_name='died on')),
                ('identifiers', llmasos.vault.fields.EncryptedJSONField(blank=True, default=list, subject_kind='patient', verbose_name='identifiers')),
                ('numbers', llmasos.vault.fields.EncryptedJSONField(default=list, editable=False, subject_kind='patient')),
                ('contact', llmasos.vault.fields.EncryptedJSONField(blank=True, default=dict, subject_kind='patient', verbose_name='contact')),
                ('no_known_allergies_on', llmasos.vault.fields.EncryptedDateField(editable=False, null=True, subject_kind='patient')),
                ('name_index', llmasos.vault.blind.BlindIndexField(kind='name', purpose='clinical.patient.name', source='family_name,given_names')),
                ('number_index', llmasos.vault.blind.BlindIndexField(kind='identifier', purpose='clinical.patient.number', source='numbers')),
                ('birth_index', llmasos.vault.blind.BlindIndexField(kind='day', purpose='clinical.patient.birth', source='birth_date')),
                ('source_key', models.BinaryField(max_length=32, null=True)),
                ('source_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('merged_into', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='merged', to='clinical_assist.patient')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
            options={
                'verbose_name': 'patient',
            },
        ),
        migrations.CreateModel(
            name='NoteAddendum',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', llmasos.vault.fields.EncryptedTextField(subject_attribute='patient_id', subject_kind='patient')),
                ('digest', models.CharField(max_length=64)),
                ('signed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('note', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addenda', to='clinical_assist.note')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_assist.patient')),
            ],
            options={
                'ordering': ['signed_at'],
            },
        ),
        migrations.AddField(
            model_name='note',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_assist.patient'),
        ),
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', llmasos.vault.fields.EncryptedTextField(default='', subject_attribute='patient_id', subject_kind='patient')),
                ('findings', llmasos.vault.fields.EncryptedJSONField(default=dict, subject_attribute='patient_id', subject_kind='patient')),
                ('own_list', llmasos.vault.fields.EncryptedJSONField(default=list, subject_attribute='patient_id', subject_kind='patient')),
                ('committed_at', models.DateTimeField(null=True)),
                ('revealed_at', models.DateTimeField(null=True)),
                ('revision', models.PositiveIntegerField(default=0)),
                ('saved_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('encounter', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='intake', to='clinical_assist.encounter')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('saved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_assist.patient')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='encounter',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='encounters', to='clinical_assist.patient'),
        ),
        migrations.CreateModel(
            name='CareTeamMember',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('part', models.CharField(choices=[('responsible', 'Responsible'), ('treating', 'Treating'), ('consulted', 'Consulted')], default='treating', max_length=16, verbose_name='part')),
                ('since', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='care_team', to='clinical_assist.patient')),
            ],
        ),
        migrations.CreateModel(
            name='PlanDraft',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('signed', 'Signed'), ('discarded', 'Discarded')], default='draft', max_length=16)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('signed_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='plans', to='clinical_assist.encounter')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_assist.patient')),
                ('signed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='PlanLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('medicine', 'Medicine'), ('test', 'Test'), ('advice', 'Advice'), ('referral', 'Referral'), ('follow_up', 'Follow-up')], max_length=16)),
                ('origin', models.CharField(choices=[('order_set', 'From an order set'), ('hand', 'Written here')], max_length=16)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('content', llmasos.vault.fields.EncryptedJSONField(subject_attribute='patient_id', subject_kind='patient')),
                ('removed_at', models.DateTimeField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_assist.patient')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='clinical_assist.plandraft')),
            ],
            options={
                'ordering': ['position', 'id'],
            },
        ),
        migrations.CreateModel(
            name='RecordItem',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('problem', 'Problem'), ('allergy', 'Allergy'), ('medication', 'Medication'), ('vital', 'Vital sign'), ('laboratory', 'Laboratory result'), ('history', 'History')], max_length=16)),
                ('content', llmasos.vault.fields.EncryptedJSONField(subject_attribute='patient_id', subject_kind='patient')),
                ('source', models.CharField(choices=[('hand', 'Written here'), ('import', 'Imported'), ('note', 'From a signed note'), ('plan', 'From a signed plan')], default='hand', max_length=16)),
                ('source_key', models.BinaryField(max_length=32, null=True)),
                ('source_digest', models.CharField(blank=True, editable=False, max_length=64)),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('superseded_at', models.DateTimeField(editable=False, null=True)),
                ('entered_in_error', models.BooleanField(default=False, editable=False)),
                ('encounter', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='items', to='clinical_assist.encounter')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='clinical_assist.patient')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replaces', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='replaced_by', to='clinical_assist.recorditem')),
            ],
            options={
                'ordering': ['recorded_at'],
            },
        ),
        migrations.CreateModel(
            name='RuleFiring',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=16)),
                ('tier', models.PositiveSmallIntegerField()),
                ('place', models.CharField(choices=[('entry', 'At entry'), ('signing', 'At signing'), ('hook', 'Through CDS Hooks')], max_length=16)),
                ('outcome', models.CharField(choices=[('shown', 'Shown'), ('accepted', 'Order changed or removed'), ('overridden', 'Overridden')], default='shown', max_length=16)),
                ('reason_code', models.CharField(blank=True, max_length=80)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
            ],
        ),
        migrations.CreateModel(
            name='ShownDifferential',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('knowledge_name', models.CharField(max_length=80)),
                ('knowledge_version', models.CharField(max_length=40)),
                ('knowledge_digest', models.CharField(max_length=64)),
                ('content', llmasos.vault.fields.EncryptedJSONField(subject_attribute='patient_id', subject_kind='patient')),
                ('shown_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('encounter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='differentials', to='clinical_assist.encounter')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.organisation')),
                ('patient', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='clinical_assist.patient')),
                ('shown_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-shown_at'],
            },
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(fields=['name_index'], name='clinical_patient_name'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(fields=['number_index'], name='clinical_patient_number'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=django.contrib.postgres.indexes.GinIndex(fields=['birth_index'], name='clinical_patient_birth'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.UniqueConstraint(fields=('organisation', 'source_key'), name='clinical_patient_source'),
        ),
        migrations.AddConstraint(
            model_name='patient',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='clinical_patient_not_into_itself'),
        ),
        migrations.AddIndex(
            model_name='encounter',
            index=models.Index(fields=['organisation', 'starts_at'], name='clinical_encounter_day'),
        ),
        migrations.AddIndex(
            model_name='encounter',
            index=models.Index(fields=['patient', '-starts_at'], name='clinical_encounter_patient'),
        ),
        migrations.AddConstraint(
            model_name='encounter',
            constraint=models.UniqueConstraint(fields=('organisation', 'source_key'), name='clinical_encounter_source'),
        ),
        migrations.AddConstraint(
            model_name='careteammember',
            constraint=models.UniqueConstraint(condition=models.Q(('until', None)), fields=('patient', 'person'), name='clinical_care_team_once'),
        ),
        migrations.AddConstraint(
            model_name='plandraft',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('encounter',), name='clinical_one_draft_plan'),
        ),
        migrations.AddIndex(
            model_name='recorditem',
            index=models.Index(fields=['patient', 'kind', 'superseded_at'], name='clinical_item_of_patient'),
        ),
        migrations.AddConstraint(
            model_name='recorditem',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at', None)), fields=('organisation', 'source_key'), name='clinical_item_source'),
        ),
        migrations.AddIndex(
            model_name='rulefiring',
            index=models.Index(fields=['organisation', 'rule', 'at'], name='clinical_firing_by_rule'),
        ),
    ]
