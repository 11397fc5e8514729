"""manage.py import_register FILE."""

from creation.importing.command import ImportCommand
from creation.models import Import


class Command(ImportCommand):
    help = "Take in a register of organs by credit code: all of it or nothing; other organs stay untouched."
    kind = Import.Kind.REGISTER
