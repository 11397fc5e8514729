"""Draws in public: when the seed was published, and from when on everybody may read who was drawn."""

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
        ('reviews', '0003_on_site'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(remove_all, guard_again),
        migrations.AddField(
            model_name='draw',
            name='seed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='when the seed was published'),
        ),
        migrations.CreateModel(
            name='DrawPublication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('draw', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='publication', to='reviews.draw')),
            ],
        ),
        migrations.RunPython(guard_again, remove_all),
    ]
