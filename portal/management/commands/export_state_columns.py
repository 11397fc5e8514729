from datetime import date
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from creation import clock
from creation.models import Region
from portal.reports import state_columns
from portal.reports.kinds import CSV, XLSX, write_rows
from portal.reports.mapping import BadMapping
from reviews import claims


class Command(BaseCommand):
    help = "Write the recognised organs of a region in the columns of the State's system (the file STATE_COLUMNS)."

    def add_arguments(self, parser):
        parser.add_argument("--region", required=True, metavar="CODE")
        parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="ends in .xlsx or .csv")
        parser.add_argument("--as-of", type=date.fromisoformat, default=None, metavar="DATE", help="today by default")
        parser.add_argument("--all", action="store_true", help="the whole register, not only the recognised organs")

    def handle(self, *args, region, to, as_of=None, **options):
        found = Region.objects.filter(code=region).first()
        if found is None:
            raise CommandError(f"There is no region {region}.")
        form = to.suffix.removeprefix(".")
        if form not in {XLSX, CSV}:
            raise CommandError("The file must end in .xlsx or .csv.")
        if to.exists():
            raise CommandError(f"{to} exists already.")
        try:
            columns = state_columns.columns()
        except (BadMapping, OSError) as error:
            raise CommandError(f"The file of columns cannot be used: {error}") from error
        seen = [0]

        def progress(done, total):
            seen[0] = done

        which = state_columns.REGISTER if options["all"] else state_columns.RECOGNISED
        rows = state_columns.rows(columns, found, as_of or clock.today(), which=which, progress=progress)
        part = claims.begin(to)
        write_rows(part, form, columns.sheet, columns.heads, rows)
        claims.settle(part, to)
        self.stdout.write(f"{to}: {seen[0]} row{'s' if seen[0] != 1 else ''}, {columns.name}")
