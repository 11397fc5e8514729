"""One pass over a file: only looking, or looking and writing in one transaction, all or nothing."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from django.db import transaction

from creation.actions.events import record
from creation.importing.differences import BATCH, Preview, Rows
from creation.importing.faults import Fault, Faults
from creation.importing.reading import Row, open_table
from creation.importing.recognitions import Recognitions
from creation.importing.regions import Regions
from creation.importing.register import Register
from creation.models import Import

KINDS: dict[str, type[Rows]] = {
    Import.Kind.REGIONS: Regions,
    Import.Kind.REGISTER: Register,
    Import.Kind.RECOGNITIONS: Recognitions,
}

Progress = Callable[[int, int], None]  # rows done, rows in all (about)


class Faulty(Exception):
    """The file has faults; nothing was written."""

    def __init__(self, faults: Faults, preview: Preview):
        super().__init__(faults.total)
        self.faults = faults
        self.preview = preview


class Moved(Exception):
    """The record has changed since the preview: the file would do something else now; nothing was written."""

    def __init__(self, preview: Preview):
        super().__init__()
        self.preview = preview


def examine(
    kind: str,
    path: Path,
    *,
    scope: set[int] | None = None,
    sink: Callable[[Fault], None] | None = None,
    progress: Progress | None = None,
) -> tuple[Faults, Preview]:
    """Return every fault of the file and what it would change; writes nothing.

    `scope` holds the ids of the regions that may be touched (None: all), `sink` is handed each fault as it is found.
    """
    faults = Faults(sink)
    preview = Preview()
    _pass(KINDS[kind](faults, scope), path, preview, progress=progress)
    return faults, preview


@transaction.atomic
def carry_out(
    imported: Import,
    path: Path,
    *,
    by,
    scope: set[int] | None = None,
    expected: str = "",
    sink: Callable[[Fault], None] | None = None,
    progress: Progress | None = None,
) -> Preview:
    """Write what the file changes, with its events, and return what that was; the whole file or nothing.

    Everything is checked again inside the transaction. An import that has no row yet (one by command) gets it, when
    anything changes. Raises `Faulty` when anything is wrong and `Moved` when the
    differences are no longer those with the digest `expected`.
    """
    faults = Faults(sink)
    preview = Preview()
    handler = KINDS[imported.kind](faults, scope)
    _pass(handler, path, preview, progress=progress, write=lambda found: handler.write(found, by=by))
    if faults.total:
        raise Faulty(faults, preview)
    if expected and expected != preview.as_json()["digest"]:
        raise Moved(preview)
    handler.settle()
    if preview.total:
        if imported.pk is None:
            imported.rows = imported.done = preview.rows
            imported.preview = preview.as_json()
            imported.save(force_insert=True)
        record(f"import_{imported.kind}", imported, by=by, after={"name": imported.name, **preview.counts})
    return preview


def _pass(
    handler: Rows,
    path: Path,
    preview: Preview,
    *,
    progress: Progress | None,
    write: Callable[[list], None] | None = None,
) -> None:
    """Read the file in batches, so that memory does not grow with it; write only while nothing is wrong."""
    faults = handler.faults
    table = open_table(path, handler.COLUMNS, faults)
    if table is None:
        return
    handler.lay_out(table.places, table.width)
    for batch in _batches(table.rows):
        differences = handler.compare(handler.read(batch))
        preview.take(differences, handler.describe)
        preview.rows += len(batch)
        if write and differences and not faults.total:
            write(differences)
        if progress:
            progress(preview.rows, max(table.about, preview.rows))
    if not preview.rows:
        faults.add(None, "", "", "no_rows")
    differences = handler.finish()
    preview.take(differences, handler.describe)
    if write and differences and not faults.total:
        write(differences)
    if progress:
        progress(preview.rows, preview.rows)
    preview.unchanged = handler.unchanged
    preview.untouched = handler.untouched()
    faults.first.sort(key=lambda fault: fault.row or 0)


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
