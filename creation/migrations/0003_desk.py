"""The office desk: ask once, sections, warnings, energy figures, messages."""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


from creation.guards import install, remove_all
from creation.frozen import GUARDS


def guard_again(_apps, schema_editor):
    """Install the guards that were taken off while tables were altered."""
    install(GUARDS, schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0002_guards'),
    ]

    operations = [
        migrations.RunPython(remove_all, guard_again),
        migrations.CreateModel(
            name='ConversionFactor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('carrier', models.CharField(choices=[('electricity', 'Electricity (per kWh)'), ('gas', 'Natural gas (per m³)'), ('petrol', 'Petrol (per kg)'), ('heat', 'Heat (per GJ)'), ('petrol_density', 'Petrol (kg per L)')], max_length=16, verbose_name='energy carrier')),
                ('into', models.CharField(choices=[('kgce', 'kgce, standard coal'), ('kgco2', 'kgCO₂, carbon'), ('kg', 'kg')], max_length=6, verbose_name='into')),
                ('factor', models.DecimalField(decimal_places=6, max_digits=12, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(100000)], verbose_name='factor')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('entered_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('carrier', 'into', '-valid_from', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Digest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('fault', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ('-day', 'user_id'),
            },
        ),
        migrations.CreateModel(
            name='EnergyFigures',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='calendar year')),
                ('electricity_kwh', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='electricity (kWh)')),
                ('gas_m3', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='natural gas (m³)')),
                ('petrol_l', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='petrol (L)')),
                ('petrol_kg', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='petrol (kg)')),
                ('heat_gj', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='heat (GJ)')),
                ('water_m3', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='water (m³)')),
                ('area_m2', models.DecimalField(blank=True, decimal_places=3, max_digits=16, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(1000000000000)], verbose_name='building area (m²)')),
                ('users', models.PositiveIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(10000000)], verbose_name='energy users (people)')),
                ('change_reason', models.TextField(blank=True, max_length=1000, verbose_name='why users or area changed')),
                ('version', models.PositiveIntegerField(default=1)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('assessment', '-year'),
            },
        ),
        migrations.CreateModel(
            name='EnergyGoal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='calendar year')),
                ('measure', models.CharField(choices=[('non_heating_per_m2', 'Non-heating energy per m²'), ('energy_per_head', 'Energy per head'), ('water_per_head', 'Water per head'), ('carbon_per_m2', 'Carbon per m²')], max_length=20, verbose_name='measure')),
                ('change_percent', models.DecimalField(decimal_places=2, max_digits=6, validators=[django.core.validators.MinValueValidator(-100), django.core.validators.MaxValueValidator(100)], verbose_name='change (%), below 0 is less')),
                ('source', models.CharField(max_length=300, verbose_name='source')),
                ('entered_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('region__position', '-year', 'measure', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('key', models.CharField(max_length=160)),
                ('address', models.CharField(max_length=300)),
                ('values', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('digest_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='MessageChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('in_portal', models.BooleanField(default=True, verbose_name='in the portal')),
                ('by_mail', models.BooleanField(default=True, verbose_name='by mail')),
            ],
        ),
        migrations.CreateModel(
            name='SectionDuty',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('given_at', models.DateTimeField()),
            ],
            options={
                'ordering': ('assessment', 'dimension__position'),
            },
        ),
        migrations.CreateModel(
            name='WarningPassed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('reason', models.TextField(max_length=1000, verbose_name='reason')),
                ('at', models.DateTimeField()),
            ],
            options={
                'ordering': ('indicator__position', 'kind'),
            },
        ),
        migrations.AddField(
            model_name='answer',
            name='carried_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creation.answer'),
        ),
        migrations.AddField(
            model_name='answer',
            name='done',
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name='answer',
            name='since_last_year',
            field=models.CharField(blank=True, choices=[('still_true', 'Still true'), ('changed', 'Changed'), ('no_longer', 'No longer applies')], max_length=10),
        ),
        migrations.AddField(
            model_name='answer',
            name='writer',
            field=models.UUIDField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='cycle',
            name='reminder_days',
            field=models.PositiveSmallIntegerField(default=3, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(30)], verbose_name='reminder so many days before a deadline'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='expires_on',
            field=models.DateField(blank=True, null=True, verbose_name='valid until'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('reminder_days__gte', 0), ('reminder_days__lte', 30)), name='cycle_reminder_days_bounded'),
        ),
        migrations.AddField(
            model_name='conversionfactor',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='digest',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='digests', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='energyfigures',
            name='assessment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='energy_figures', to='creation.assessment'),
        ),
        migrations.AddField(
            model_name='energyfigures',
            name='saved_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='energygoal',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='energygoal',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='energy_goals', to='creation.region', verbose_name='region'),
        ),
        migrations.AddField(
            model_name='message',
            name='assessment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='creation.assessment'),
        ),
        migrations.AddField(
            model_name='message',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='messagechoice',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='message_choices', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sectionduty',
            name='assessment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='duties', to='creation.assessment'),
        ),
        migrations.AddField(
            model_name='sectionduty',
            name='dimension',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creation.dimension'),
        ),
        migrations.AddField(
            model_name='sectionduty',
            name='given_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='sectionduty',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='section_duties', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='warningpassed',
            name='assessment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='warnings_passed', to='creation.assessment'),
        ),
        migrations.AddField(
            model_name='warningpassed',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='warningpassed',
            name='indicator',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='creation.indicator'),
        ),
        migrations.AddConstraint(
            model_name='conversionfactor',
            constraint=models.CheckConstraint(condition=models.Q(('factor__gt', 0)), name='conversion_factor_positive'),
        ),
        migrations.AddConstraint(
            model_name='conversionfactor',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('carrier', 'petrol_density'), ('into', 'kg')), models.Q(models.Q(('carrier', 'petrol_density'), _negated=True), ('into__in', ['kgce', 'kgco2'])), _connector='OR'), name='conversion_unit_fits_carrier'),
        ),
        migrations.AddConstraint(
            model_name='digest',
            constraint=models.UniqueConstraint(fields=('user', 'day'), name='one_digest_a_day'),
        ),
        migrations.AddConstraint(
            model_name='energyfigures',
            constraint=models.UniqueConstraint(fields=('assessment', 'year'), name='energy_year_once_per_file'),
        ),
        migrations.AddConstraint(
            model_name='energyfigures',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('electricity_kwh__isnull', True), models.Q(('electricity_kwh__gte', 0), ('electricity_kwh__lte', 1000000000000)), _connector='OR'), models.Q(('gas_m3__isnull', True), models.Q(('gas_m3__gte', 0), ('gas_m3__lte', 1000000000000)), _connector='OR'), models.Q(('petrol_l__isnull', True), models.Q(('petrol_l__gte', 0), ('petrol_l__lte', 1000000000000)), _connector='OR'), models.Q(('petrol_kg__isnull', True), models.Q(('petrol_kg__gte', 0), ('petrol_kg__lte', 1000000000000)), _connector='OR'), models.Q(('heat_gj__isnull', True), models.Q(('heat_gj__gte', 0), ('heat_gj__lte', 1000000000000)), _connector='OR'), models.Q(('water_m3__isnull', True), models.Q(('water_m3__gte', 0), ('water_m3__lte', 1000000000000)), _connector='OR'), models.Q(('area_m2__isnull', True), models.Q(('area_m2__gte', 0), ('area_m2__lte', 1000000000000)), _connector='OR')), name='energy_amounts_in_range'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(fields=['user', '-at'], name='creation_me_user_id_d5f2f6_idx'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('read_at__isnull', True)), fields=['user'], name='message_unread'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('digest_at__isnull', True)), fields=['user'], name='message_awaits_digest'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('user', 'key'), name='message_once'),
        ),
        migrations.AddConstraint(
            model_name='messagechoice',
            constraint=models.UniqueConstraint(fields=('user', 'kind'), name='message_choice_once'),
        ),
        migrations.AddConstraint(
            model_name='sectionduty',
            constraint=models.UniqueConstraint(fields=('assessment', 'dimension'), name='one_duty_per_dimension'),
        ),
        migrations.AddConstraint(
            model_name='sectionduty',
            constraint=models.UniqueConstraint(condition=models.Q(('dimension__isnull', True)), fields=('assessment',), name='one_duty_for_the_bonus'),
        ),
        migrations.AddConstraint(
            model_name='warningpassed',
            constraint=models.UniqueConstraint(fields=('assessment', 'indicator', 'kind'), name='warning_passed_once'),
        ),
        migrations.RunPython(guard_again, remove_all),
    ]
