"""Works off the archives that were asked for. The row is the queue; a killed worker leaves no half archive behind.

It writes beside the place where the archive is going to lie, and gives the file its name once it is whole.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils import translation

from creation import clock
from reviews import claims
from reviews.actions.archives import path_of, tell_of_archive
from reviews.archives import organ
from reviews.archives import round as rounds
from reviews.archives.writing import Folders, Sink, Sums, Writer, Zip
from reviews.models import ArchiveExport

LANGUAGE = "zh-hans"  # the archive's own, whoever asked for it


def is_waiting() -> bool:
    """Tell whether an archive waits for the worker, or for another one because its worker died."""
    return claims.is_waiting(_rows())


def work_off() -> None:
    """Write every archive that waits; may run twice at once, each is claimed by compare-and-set.

    An archive that fails is tried again, three times in all; then it is parked as failed, with the fault.
    """
    claims.work_off(WORK)


def _rows() -> QuerySet:
    return ArchiveExport.objects.select_related("cycle", "asked_by")


def _write(export: ArchiveExport) -> None:
    part = claims.begin(path_of(export))

    def progress(done: int, total: int) -> None:
        claims.beat(export, organs=done, organs_total=total)

    with closing(Zip(part)) as packed:
        sums = write_round(export.cycle_id, packed, retention=export.retention, progress=progress)
    found = {"sha256": claims.sha256_of(part, row=export), "size": part.stat().st_size}
    claims.settle(part, path_of(export))
    _done(export, sums, found)


def _done(export: ArchiveExport, sums: Sums, found: dict) -> None:
    cycle = export.cycle
    name = f"archive-{cycle.region.code}-{cycle.year}-{export.pk}.zip"
    written = {"files": sums.files, "manifest_sha256": sums.manifest_sha256, "name": name, "fault": "", **found}
    with transaction.atomic():
        claims.end(export, path_of(export), state=ArchiveExport.State.DONE, done_at=clock.now(), **written)
        tell_of_archive(export, "archive_ready")


def _given_up(export: ArchiveExport) -> None:
    tell_of_archive(export, "archive_failed")


WORK = claims.Work(_rows, _write, _given_up, path_of, {"organs": 0})


def write_round(
    cycle_id: int, sink: Sink, *, retention: str, progress: Callable[[int, int], None] | None = None
) -> Sums:
    """Write a closed round into `sink`, organ by organ, and return its sums; `progress` hears after each organ.

    In Chinese, whoever asks. The same data give the same manifest.
    """
    with translation.override(LANGUAGE):
        shared, writer = rounds.round_of(cycle_id), Writer(sink)
        total = len(shared.files)
        kept = str(ArchiveExport.Retention(retention).label)
        marks = {"unit": rounds.unit_of(shared.cycle), "kept": kept, "about": rounds.about(shared.cycle)}
        for done, (file_id, path) in enumerate(shared.files):
            if progress:
                progress(done, total)
            found = organ.organ_of(file_id, path, shared.indicators)
            writer.folder(f"{organ.PATH}/{found.path}", found.said, found.pieces, **marks)
        if progress:
            progress(total, total)
        writer.folder(rounds.ROUND, rounds.described(shared.cycle), rounds.pieces_of(shared), **marks)
        for path, content in rounds.root_files(shared):
            writer.put(path, content)
        return writer.finish()


def write_folders(cycle_id: int, to: Path, *, retention: str) -> Sums:
    """Write a closed round into plain folders at `to`, which must not exist yet; it has its name once it is whole."""
    part = to.with_name(f"{to.name}.part")
    sums = write_round(cycle_id, Folders(part), retention=retention)
    part.rename(to)
    return sums
