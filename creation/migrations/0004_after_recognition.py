"""Who leads a department, and the settings of what comes after recognition: hearing, retention, a longer chance."""

import django.core.validators
from django.db import migrations, models
from django.utils import timezone

from creation.frozen import GUARDS
from creation.guards import install, remove_all


def guard_again(_apps, schema_editor):
    """Install the guards that were taken off while tables were altered; those of reviews follow in its own migration."""
    install(GUARDS, schema_editor)


def tell_all(apps, _schema_editor):
    """Until now the organs saw every step at once, so that nothing is kept from them."""
    apps.get_model("creation", "Assessment").objects.update(told_stage=models.F("stage"), told_since=models.F("stage_since"))


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0003_desk'),
    ]

    operations = [
        migrations.RunPython(remove_all, guard_again),
        migrations.AddField(
            model_name='appointment',
            name='leads',
            field=models.BooleanField(default=False, verbose_name='leads the department'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='hearing_days',
            field=models.PositiveSmallIntegerField(default=5, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)], verbose_name='working days an organ has to be heard'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='longer_chance_years',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(20)], verbose_name='longer chance for organs not visited for so many years (empty: the same chance for all)'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='retention_months',
            field=models.PositiveSmallIntegerField(default=12, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(120)], verbose_name="months after a decision until the objector's data are erased"),
        ),
        migrations.AddField(
            model_name='assessment',
            name='told_stage',
            field=models.CharField(choices=[('draft', 'Draft'), ('prepared', 'Prepared'), ('submitted', 'Submitted'), ('returned', 'Sent back'), ('under_inspection', 'Under inspection'), ('rectifying', 'Under rectification'), ('inspected', 'Inspection passed'), ('under_spot_check', 'Under spot check'), ('checked', 'Cleared for publicity'), ('publicised', 'Publicised'), ('recognised', 'Recognised'), ('revoked', 'Revoked'), ('not_met', 'Not met'), ('withdrawn', 'Withdrawn')], default='draft', max_length=20),
        ),
        migrations.AddField(
            model_name='assessment',
            name='told_since',
            field=models.DateTimeField(default=timezone.now),
            preserve_default=False,
        ),
        migrations.RunPython(tell_all, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='assessment',
            constraint=models.CheckConstraint(condition=models.Q(('told_stage__in', ['draft', 'prepared', 'submitted', 'returned', 'under_inspection', 'rectifying', 'inspected', 'under_spot_check', 'checked', 'publicised', 'recognised', 'revoked', 'not_met', 'withdrawn'])), name='assessment_told_stage_known'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('leads', False), ('role', 'official'), _connector='OR'), name='only_officials_lead'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('longer_chance_years__gte', 1), ('longer_chance_years__lte', 20)), name='cycle_longer_chance_years_bounded'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('hearing_days__gte', 1), ('hearing_days__lte', 30)), name='cycle_hearing_days_bounded'),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('retention_months__gte', 1), ('retention_months__lte', 120)), name='cycle_retention_months_bounded'),
        ),
        migrations.RunPython(guard_again, remove_all),
    ]
