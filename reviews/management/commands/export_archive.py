from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from creation.models import Cycle
from reviews.archives.queue import write_folders
from reviews.models import ArchiveExport


class Command(BaseCommand):
    help = "Write the archive of a closed round into plain folders; verify_archive.py in it proves it complete."

    def add_arguments(self, parser):
        parser.add_argument("--cycle", required=True, metavar="REGION-YEAR", help="such as 110000-2026")
        parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="a folder that does not exist yet")
        parser.add_argument(
            "--retention", choices=ArchiveExport.Retention.values, default=ArchiveExport.Retention.YEARS_30
        )

    def handle(self, *args, cycle, to, retention, **options):
        region, _dash, year = cycle.partition("-")
        found = Cycle.objects.filter(region__code=region, year=year if year.isdecimal() else None).first()
        if found is None:
            raise CommandError(f"There is no round {cycle}.")
        if found.closed_at is None:
            raise CommandError("Only a closed round can be archived.")
        if to.exists() or to.with_name(f"{to.name}.part").exists():
            raise CommandError(f"{to} (or {to.name}.part) exists already.")
        sums = write_folders(found.pk, to, retention=retention)
        self.stdout.write(f"{to}: {sums.files} files, {sums.size} bytes, manifest {sums.manifest_sha256}")
