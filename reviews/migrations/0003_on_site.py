"""The phone on site: photos, signatures, records of devices; own points before the comparison."""

import django.core.validators
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
        ('creation', '0003_desk'),
        ('reviews', '0002_guards'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(remove_all, guard_again),
        migrations.CreateModel(
            name='Phone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.UUIDField()),
                ('label', models.CharField(blank=True, max_length=80)),
                ('ready_at', models.DateTimeField(blank=True, null=True)),
                ('reported_at', models.DateTimeField(blank=True, null=True)),
                ('records_made', models.PositiveIntegerField(default=0)),
                ('photos_made', models.PositiveIntegerField(default=0)),
            ],
            options={
                'ordering': ('inspection', 'id'),
            },
        ),
        migrations.CreateModel(
            name='PhoneRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('device', models.UUIDField()),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('rating', 'Rating'), ('finding', 'Finding'), ('photo', 'Photo'), ('signature', 'Signature'), ('other', 'Unreadable')], max_length=10)),
                ('subject', models.CharField(blank=True, max_length=60)),
                ('payload', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('recorded_at', models.DateTimeField()),
                ('received_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('landed', 'On the server'), ('superseded', 'On the server, replaced by a later one'), ('quarantined', 'Kept, but could not be entered'), ('settled', 'Kept, settled by hand')], max_length=12)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('result_id', models.BigIntegerField(blank=True, null=True)),
                ('result_version', models.PositiveIntegerField(blank=True, null=True)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('settled_note', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ('inspection', 'received_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='PhotoUpload',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('device', models.UUIDField()),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('received', models.PositiveIntegerField(default=0)),
                ('meta', models.JSONField(default=dict)),
                ('begun_at', models.DateTimeField()),
                ('done_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('id',),
            },
        ),
        migrations.CreateModel(
            name='Signature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('inspector', 'Inspector'), ('organ', 'Representative of the organ')], max_length=10)),
                ('name', models.CharField(max_length=80, verbose_name="person's name")),
                ('position', models.CharField(blank=True, max_length=80, verbose_name='position')),
                ('strokes', models.JSONField()),
                ('disagrees', models.BooleanField(default=False, verbose_name='I disagree')),
                ('statement', models.TextField(blank=True, max_length=2000, verbose_name='why I disagree')),
                ('signed_sha256', models.CharField(max_length=64)),
                ('key', models.UUIDField(unique=True)),
                ('signed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('side', 'signed_at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='VisitPhoto',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('finding_key', models.UUIDField(blank=True, null=True)),
                ('key', models.UUIDField(unique=True)),
                ('sha256', models.CharField(max_length=64)),
                ('taken_at', models.DateTimeField()),
                ('latitude', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)])),
                ('longitude', models.DecimalField(blank=True, decimal_places=5, max_digits=8, null=True, validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)])),
                ('accuracy_m', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(1000000)])),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('taken_at', 'id'),
            },
        ),
        migrations.AddField(
            model_name='inspection',
            name='own_points_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='inspection',
            name='own_points_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rating',
            name='cannot_check',
            field=models.TextField(blank=True, max_length=1000, verbose_name='why it cannot be checked'),
        ),
        migrations.AddField(
            model_name='rating',
            name='change_reason',
            field=models.TextField(blank=True, max_length=1000, verbose_name='reason for the change'),
        ),
        migrations.AddField(
            model_name='rating',
            name='changed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rating',
            name='changed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='rating',
            name='first_found',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='rating',
            name='first_not_applicable',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='rating',
            name='first_remark',
            field=models.TextField(blank=True, max_length=4000),
        ),
        migrations.AddField(
            model_name='rating',
            name='first_points',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=6, null=True),
        ),
        migrations.AddField(
            model_name='rating',
            name='from_paper',
            field=models.BooleanField(default=False, verbose_name='entered from paper'),
        ),
        migrations.AddField(
            model_name='rating',
            name='writer',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name='rating',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('change_reason', ''), ('changed_at__isnull', True), ('changed_by__isnull', True)), models.Q(('changed_at__isnull', False), ('changed_by__isnull', False), models.Q(('change_reason', ''), _negated=True)), _connector='OR'), name='rating_change_has_reason'),
        ),
        migrations.AddField(
            model_name='phone',
            name='inspection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='phones', to='reviews.inspection'),
        ),
        migrations.AddField(
            model_name='phone',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='phonerecord',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='phonerecord',
            name='inspection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='phone_records', to='reviews.inspection'),
        ),
        migrations.AddField(
            model_name='phonerecord',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='photoupload',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='photoupload',
            name='inspection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photo_uploads', to='reviews.inspection'),
        ),
        migrations.AddField(
            model_name='signature',
            name='inspection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='reviews.inspection'),
        ),
        migrations.AddField(
            model_name='signature',
            name='taken_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='signature',
            name='user',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='visitphoto',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='visitphoto',
            name='evidence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creation.evidence'),
        ),
        migrations.AddField(
            model_name='visitphoto',
            name='finding',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visit_photos', to='reviews.finding'),
        ),
        migrations.AddField(
            model_name='visitphoto',
            name='indicator',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creation.indicator'),
        ),
        migrations.AddField(
            model_name='visitphoto',
            name='inspection',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='photos', to='reviews.inspection'),
        ),
        migrations.AddConstraint(
            model_name='phone',
            constraint=models.UniqueConstraint(fields=('inspection', 'device', 'user'), name='phone_once_per_visit'),
        ),
        migrations.AddIndex(
            model_name='phonerecord',
            index=models.Index(fields=['inspection', 'device', 'kind', 'subject', 'number'], name='reviews_pho_inspect_d4c46c_idx'),
        ),
        migrations.AddConstraint(
            model_name='phonerecord',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'quarantined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='quarantine_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='photoupload',
            constraint=models.CheckConstraint(condition=models.Q(('received__lte', models.F('size'))), name='no_more_than_announced'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(('side__in', ['inspector', 'organ'])), name='signature_side_known'),
        ),
        migrations.AddConstraint(
            model_name='signature',
            constraint=models.CheckConstraint(condition=models.Q(('disagrees', False), models.Q(('statement', ''), _negated=True), _connector='OR'), name='signature_disagreement_says_why'),
        ),
        migrations.AddConstraint(
            model_name='visitphoto',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__isnull', False), ('longitude__isnull', False)), _connector='OR'), name='photo_place_whole'),
        ),
        migrations.RunPython(guard_again, remove_all),
    ]
