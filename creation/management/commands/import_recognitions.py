"""manage.py import_recognitions FILE."""

from creation.importing.command import ImportCommand
from creation.models import Import


class Command(ImportCommand):
    help = "Take in earlier recognitions: all of them or nothing; what is on record may only be revoked."
    kind = Import.Kind.RECOGNITIONS
