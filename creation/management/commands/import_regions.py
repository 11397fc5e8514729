"""manage.py import_regions FILE."""

from creation.importing.command import ImportCommand
from creation.models import Import


class Command(ImportCommand):
    help = "Take in a file of regions (code, parent_code, kind, name, name_en): all of it or nothing."
    kind = Import.Kind.REGIONS
