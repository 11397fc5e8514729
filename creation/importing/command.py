"""What the three import commands share: progress and faults on standard error, all or nothing, exit code 1."""

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser

from creation import clock
from creation.importing.differences import Preview
from creation.importing.faults import Fault, as_rows
from creation.importing.work import Faulty, carry_out, examine
from creation.models import Import
from creation.spreadsheets import write_csv

BAR = 30


class ImportCommand(BaseCommand):
    """Takes in one file of the kind `kind`: everything in it, or nothing and every fault on standard error."""

    kind = ""

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the file, --dry-run and --errors."""
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV in UTF-8 or XLSX")
        parser.add_argument("--dry-run", action="store_true", help="check and tell what would change, change nothing")
        parser.add_argument("--errors", type=Path, metavar="FILE", help="write the errors into this CSV file")

    def handle(self, *args: object, **options: object) -> None:
        """Check and write; exit code 1 when anything is wrong."""
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"{path} is not a file.")
        faults: list[Fault] = []
        sink = self._sink(faults if options["errors"] else None)
        try:
            preview = self._dry_run(path, sink) if options["dry_run"] else self._carry_out(path, sink)
        except Faulty as found:
            if options["errors"]:
                options["errors"].write_bytes(write_csv(as_rows(faults)))
            raise CommandError(f"{found.faults.total} errors; nothing was changed.") from None
        self._say(preview, would=bool(options["dry_run"]))

    def _sink(self, kept: list[Fault] | None) -> Callable[[Fault], None]:
        def sink(fault: Fault) -> None:
            self.stderr.write(str(fault))
            if kept is not None:
                kept.append(fault)

        return sink

    def _dry_run(self, path: Path, sink: Callable[[Fault], None]) -> Preview:
        faults, preview = examine(self.kind, path, sink=sink, progress=self._progress())
        if faults.total:
            raise Faulty(faults, preview)
        return preview

    def _carry_out(self, path: Path, sink: Callable[[Fault], None]) -> Preview:
        """Write the file; an import by command leaves its row and event like one by page, if it changed anything."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return carry_out_file(self.kind, path, sha256=digest, sink=sink, progress=self._progress())

    def _progress(self) -> Callable[[int, int], None]:
        """Return what draws the bar: over itself on a terminal, a line for each batch elsewhere."""
        terminal = sys.stderr.isatty()

        def draw(done: int, about: int) -> None:
            bar = "#" * round(BAR * (done / about if about else 1))
            end = "\r" if terminal and done < about else "\n"
            self.stderr.write(f"[{bar:<{BAR}}] {done}/{about}", self.style.NOTICE, ending=end)

        return draw

    def _say(self, preview: Preview, *, would: bool) -> None:
        counts = ", ".join(f"{number} {kind}" for kind, number in preview.counts.items())
        verb = "would be " if would else ""
        self.stdout.write(
            f"{verb}{counts}; {preview.unchanged} unchanged, {preview.untouched} not in the file and untouched"
        )


def carry_out_file(kind: str, path: Path, *, sha256: str, sink=None, progress=None) -> Preview:
    """Write the file by nobody's order but the operator's and return what changed; a row is left if anything did."""
    at = clock.now()
    imported = Import(kind=kind, state=Import.State.APPLIED, name=path.name[-200:], sha256=sha256, at=at, applied_at=at)
    return carry_out(imported, path, by=None, sink=sink, progress=progress)
