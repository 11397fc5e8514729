"""Frozen rows are refused by the database itself."""

from django.db import migrations

from creation.guards import install, remove
from reviews.frozen import GUARDS


def forwards(_apps, schema_editor):
    """Create the triggers."""
    install(GUARDS, schema_editor)


def backwards(_apps, schema_editor):
    """Drop the triggers."""
    remove(GUARDS, schema_editor)


class Migration(migrations.Migration):
    """Installs the guards."""

    dependencies = [("reviews", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
