"""The guard of notices knows everybody who ever changed a draft: databases made before it get it too."""

from django.db import migrations

from creation.frozen import GUARDS as CREATION_GUARDS
from creation.guards import install, remove_all
from reviews.frozen import GUARDS


def guard_again(_apps, schema_editor):
    """Install every guard as it is written today."""
    install([*CREATION_GUARDS, *GUARDS], schema_editor)


class Migration(migrations.Migration):

    dependencies = [
        ("creation", "0006_lists_at_scale"),
        ("reviews", "0007_rates_at_scale"),
    ]

    operations = [
        migrations.RunPython(remove_all, guard_again),
        migrations.RunPython(guard_again, remove_all),
    ]
