"""Provable in public: four eyes, extensions of draws, sheets, rechecks, revocation cases, announcements, archives."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from creation.frozen import GUARDS as CREATION_GUARDS
from creation.guards import install, remove_all
from reviews.frozen import GUARDS


def guard_again(_apps, schema_editor):
    """Install the guards that were taken off while tables were altered."""
    install([*CREATION_GUARDS, *GUARDS], schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0004_after_recognition'),
        ('reviews', '0004_draws_in_public'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(remove_all, guard_again),
        migrations.CreateModel(
            name='ArchiveExport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('retention', models.CharField(choices=[('permanent', 'permanent'), ('30', '30 years'), ('10', '10 years')], default='30', max_length=10, verbose_name='retention period')),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Being written'), ('done', 'Ready'), ('failed', 'Failed')], default='waiting', max_length=10)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('beat_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('fault', models.TextField(blank=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('manifest_sha256', models.CharField(blank=True, max_length=64)),
                ('organs', models.PositiveIntegerField(default=0)),
                ('organs_total', models.PositiveIntegerField(default=0)),
                ('files', models.PositiveIntegerField(default=0)),
                ('size', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'ordering': ('-asked_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='ExtensionPublication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Knock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('door', models.CharField(max_length=20)),
                ('who', models.CharField(max_length=64)),
                ('since', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='PublishedKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key_id', models.CharField(max_length=16, unique=True)),
                ('public_key', models.CharField(max_length=64)),
                ('since', models.DateTimeField()),
            ],
            options={
                'ordering': ('-since', '-id'),
            },
        ),
        migrations.CreateModel(
            name='RateAnnouncement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('as_of', models.DateField(verbose_name='as of')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('document_number', models.CharField(max_length=80, verbose_name='document number')),
                ('rows', models.JSONField()),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='RecheckItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('report', models.TextField(blank=True, max_length=4000, verbose_name="the organ's report")),
                ('reported_at', models.DateTimeField(blank=True, null=True)),
                ('paper_verdict', models.CharField(blank=True, choices=[('keep', 'Keep'), ('rectify', 'Rectify by a date'), ('revoke', 'Revoke')], max_length=10, verbose_name='verdict on paper')),
                ('paper_reason', models.TextField(blank=True, max_length=2000, verbose_name='reason')),
                ('paper_at', models.DateTimeField(blank=True, null=True)),
                ('visit_on', models.DateField(blank=True, null=True, verbose_name='date of the visit')),
                ('site_verdict', models.CharField(blank=True, choices=[('keep', 'Keep'), ('rectify', 'Rectify by a date'), ('revoke', 'Revoke')], max_length=10, verbose_name='verdict on site')),
                ('site_reason', models.TextField(blank=True, max_length=4000, verbose_name='what was found')),
                ('site_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('keep', 'Keep'), ('rectify', 'Rectify by a date'), ('revoke', 'Revoke')], max_length=10, verbose_name='outcome')),
                ('outcome_reason', models.TextField(blank=True, max_length=2000, verbose_name='reason')),
                ('outcome_at', models.DateTimeField(blank=True, null=True)),
                ('rectify_until', models.DateField(blank=True, null=True, verbose_name='rectify until')),
                ('rectified', models.TextField(blank=True, max_length=4000, verbose_name='what the organ has put right')),
                ('rectified_at', models.DateTimeField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('recognition__organ__region__position', 'recognition__organ__credit_code'),
            },
        ),
        migrations.CreateModel(
            name='RecheckMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='RecheckPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_photo', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='RecheckRound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('title', models.CharField(max_length=200, verbose_name='title')),
                ('basis', models.TextField(max_length=1000, verbose_name='basis')),
                ('share', models.DecimalField(decimal_places=2, max_digits=5, verbose_name='share on site (%)')),
                ('minimum', models.PositiveSmallIntegerField(default=1, verbose_name='smallest sample per region')),
                ('paper_until', models.DateField(verbose_name='review on paper until')),
                ('site_until', models.DateField(verbose_name='visits until')),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-opened_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='RevocationCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grounds', models.CharField(choices=[('verified_waste', 'Verified waste'), ('falsified_data', 'Falsified data'), ('failed_recheck', 'Failed recheck'), ('major_accident', 'Major safety accident'), ('other', 'Other grounds')], max_length=20, verbose_name='grounds')),
                ('facts', models.TextField(max_length=4000, verbose_name='the facts, as told to the organ')),
                ('opened_at', models.DateTimeField()),
                ('heard_until', models.DateField(verbose_name='the organ may answer until')),
                ('answer', models.TextField(blank=True, max_length=4000, verbose_name="the organ's answer")),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('proposed', models.CharField(blank=True, choices=[('revoked', 'Title revoked'), ('kept', 'Title kept')], max_length=10)),
                ('proposed_reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
                ('proposed_on', models.DateField(blank=True, null=True, verbose_name='revoked on')),
                ('proposed_at', models.DateTimeField(blank=True, null=True)),
                ('decision', models.CharField(blank=True, choices=[('revoked', 'Title revoked'), ('kept', 'Title kept')], max_length=10)),
                ('reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
                ('revoked_on', models.DateField(blank=True, null=True, verbose_name='revoked on')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-opened_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('why', models.CharField(choices=[('late', 'Late'), ('anonymous', 'Anonymous')], max_length=10)),
                ('grounds', models.TextField(max_length=4000)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'objection set aside',
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='SpentProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='VerificationSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='code')),
                ('payload', models.TextField()),
                ('key_id', models.CharField(max_length=16)),
                ('signature', models.CharField(max_length=128)),
                ('issued_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('-issued_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='VisitStatement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=4000, verbose_name='what the organ says')),
                ('spoken_by', models.CharField(blank=True, max_length=80, verbose_name="person's name")),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.AddField(
            model_name='notice',
            name='approved_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='approved_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='approved_sha256',
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name='notice',
            name='edited_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='handed_in_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='notice',
            name='handed_in_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='publish_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='publish at'),
        ),
        migrations.AddField(
            model_name='notice',
            name='returned_reason',
            field=models.TextField(blank=True, max_length=1000, verbose_name='why the draft was given back'),
        ),
        migrations.AddField(
            model_name='objection',
            name='proposed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='objection',
            name='proposed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='objection',
            name='proposed_reason',
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AddField(
            model_name='objection',
            name='proposed_state',
            field=models.CharField(blank=True, choices=[('open', 'Being examined'), ('upheld', 'Upheld'), ('dismissed', 'Not upheld')], max_length=10),
        ),
        migrations.AddField(
            model_name='objection',
            name='returned_reason',
            field=models.TextField(blank=True, max_length=4000, verbose_name='why the proposal was given back'),
        ),
        migrations.AddField(
            model_name='objector',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='pool',
            name='purpose',
            field=models.CharField(choices=[('spot_check', 'Spot check'), ('recheck', 'Recheck')], default='spot_check', max_length=10, verbose_name='purpose'),
        ),
        migrations.AddField(
            model_name='poolmember',
            name='tickets',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterField(
            model_name='poolmember',
            name='assessment',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pool_member', to='creation.assessment'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('approved_at__isnull', True), ('approved_by__isnull', True)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('handed_in_by__isnull', False), models.Q(('approved_by', models.F('handed_in_by')), _negated=True), models.Q(('approved_sha256', ''), _negated=True)), _connector='OR'), name='notice_approved_by_another'),
        ),
        migrations.AddConstraint(
            model_name='objection',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), ('proposed_by__isnull', True), models.Q(('proposed_by', models.F('decided_by')), _negated=True), _connector='OR'), name='objection_not_decided_by_its_proposer'),
        ),
        migrations.AddField(
            model_name='archiveexport',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='archiveexport',
            name='cycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='archives', to='creation.cycle'),
        ),
        migrations.AddConstraint(
            model_name='archiveexport',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['waiting', 'running'])), fields=('cycle',), name='one_archive_at_work_per_round'),
        ),
        migrations.AddField(
            model_name='extension',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='extension',
            name='draw',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='reviews.draw'),
        ),
        migrations.AddField(
            model_name='extension',
            name='member',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='extension', to='reviews.poolmember'),
        ),
        migrations.AddField(
            model_name='extension',
            name='replaces',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='reviews.poolmember'),
        ),
        migrations.AddField(
            model_name='extensionpublication',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='extensionpublication',
            name='extension',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='reviews.extension'),
        ),
        migrations.AddIndex(
            model_name='knock',
            index=models.Index(fields=['since'], name='reviews_kno_since_bf5b71_idx'),
        ),
        migrations.AddConstraint(
            model_name='knock',
            constraint=models.UniqueConstraint(fields=('door', 'who', 'since'), name='one_count_per_span'),
        ),
        migrations.AddField(
            model_name='rateannouncement',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rateannouncement',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rate_announcements', to='creation.region'),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='outcome_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='paper_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='recognition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rechecks', to='creation.recognition'),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='rectified_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='reported_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='site_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='poolmember',
            name='recheck_item',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pool_member', to='reviews.recheckitem'),
        ),
        migrations.AddConstraint(
            model_name='poolmember',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('assessment__isnull', False), ('recheck_item__isnull', True)), models.Q(('assessment__isnull', True), ('recheck_item__isnull', False)), _connector='OR'), name='pool_member_is_one_thing'),
        ),
        migrations.AddConstraint(
            model_name='poolmember',
            constraint=models.CheckConstraint(condition=models.Q(('tickets__gte', 1)), name='pool_member_has_a_ticket'),
        ),
        migrations.AddField(
            model_name='recheckmember',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='reviews.recheckitem'),
        ),
        migrations.AddField(
            model_name='recheckmember',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recheck_visits', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckpaper',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckpaper',
            name='evidence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creation.evidence'),
        ),
        migrations.AddField(
            model_name='recheckpaper',
            name='item',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='reviews.recheckitem'),
        ),
        migrations.AddField(
            model_name='recheckround',
            name='closed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckround',
            name='cycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rechecks', to='creation.cycle', verbose_name='round'),
        ),
        migrations.AddField(
            model_name='recheckround',
            name='opened_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recheckitem',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='reviews.recheckround'),
        ),
        migrations.AddField(
            model_name='pool',
            name='recheck',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pools', to='reviews.recheckround'),
        ),
        migrations.AddConstraint(
            model_name='pool',
            constraint=models.UniqueConstraint(fields=('recheck',), name='one_pool_per_recheck'),
        ),
        migrations.AddConstraint(
            model_name='pool',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('purpose', 'spot_check'), ('recheck__isnull', True)), models.Q(('purpose', 'recheck'), ('recheck__isnull', False)), _connector='OR'), name='pool_purpose_fits'),
        ),
        migrations.AddField(
            model_name='revocationcase',
            name='answered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='revocationcase',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='revocationcase',
            name='opened_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='revocationcase',
            name='proposed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='revocationcase',
            name='recheck_item',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='revocation_case', to='reviews.recheckitem'),
        ),
        migrations.AddField(
            model_name='revocationcase',
            name='recognition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revocation_cases', to='creation.recognition'),
        ),
        migrations.AddField(
            model_name='setaside',
            name='listing',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='set_aside', to='reviews.listing'),
        ),
        migrations.AddIndex(
            model_name='spentproof',
            index=models.Index(fields=['at'], name='reviews_spe_at_bb8afe_idx'),
        ),
        migrations.AddField(
            model_name='verificationsheet',
            name='issued_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='verificationsheet',
            name='recognition',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sheet', to='creation.recognition'),
        ),
        migrations.AddField(
            model_name='visitstatement',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='visitstatement',
            name='inspection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='statements', to='reviews.inspection'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='extension_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='recheckmember',
            constraint=models.UniqueConstraint(fields=('item', 'user'), name='recheck_member_once'),
        ),
        migrations.AddConstraint(
            model_name='recheckpaper',
            constraint=models.UniqueConstraint(fields=('item', 'evidence'), name='recheck_paper_once'),
        ),
        migrations.AddConstraint(
            model_name='recheckround',
            constraint=models.UniqueConstraint(fields=('cycle', 'number'), name='recheck_number_once'),
        ),
        migrations.AddConstraint(
            model_name='recheckround',
            constraint=models.CheckConstraint(condition=models.Q(('share__gte', 0), ('share__lte', 100)), name='recheck_share_in_percent'),
        ),
        migrations.AddConstraint(
            model_name='recheckitem',
            constraint=models.UniqueConstraint(fields=('round', 'recognition'), name='recheck_item_once'),
        ),
        migrations.AddConstraint(
            model_name='recheckitem',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'rectify'), _negated=True), ('rectify_until__isnull', False), _connector='OR'), name='rectify_has_a_date'),
        ),
        migrations.AddConstraint(
            model_name='recheckitem',
            constraint=models.CheckConstraint(condition=models.Q(('settled_by__isnull', True), ('rectified_by__isnull', True), models.Q(('settled_by', models.F('rectified_by')), _negated=True), _connector='OR'), name='nobody_accepts_their_own_rectification'),
        ),
        migrations.AddConstraint(
            model_name='revocationcase',
            constraint=models.UniqueConstraint(condition=models.Q(('decided_at__isnull', True)), fields=('recognition',), name='one_open_case_per_title'),
        ),
        migrations.AddConstraint(
            model_name='revocationcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('decision', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('proposed_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True), models.Q(('reason', ''), _negated=True), models.Q(('decision', ''), _negated=True)), _connector='OR'), name='case_decided_by_two_with_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='revocationcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision', 'revoked'), _negated=True), ('revoked_on__isnull', False), _connector='OR'), name='revoked_case_has_a_day'),
        ),
        migrations.AddConstraint(
            model_name='visitstatement',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='visit_statement_says_something'),
        ),
        migrations.CreateModel(
            name='TaskState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('fault', models.CharField(blank=True, max_length=500)),
                ('runs', models.PositiveBigIntegerField(default=0)),
                ('failures', models.PositiveBigIntegerField(default=0)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.RunPython(guard_again, remove_all),
    ]
