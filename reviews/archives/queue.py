"""Works off the archives that were asked for. The row is the queue; a killed worker leaves no half archive behind.

It writes beside the place where the archive is going to lie, and gives the file its name once it is whole.
"""

import hashlib
import logging
import os
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from creation import clock
from reviews.actions.archives import path_of, tell_of_archive
from reviews.archives import organ
from reviews.archives import round as rounds
from reviews.archives.writing import CHUNK, Folders, Sink, Sums, Writer, Zip
from reviews.models import ArchiveExport

log = logging.getLogger(__name__)

TRIES = 3
STALE = timedelta(minutes=5)  # a worker that has shown no sign of life for so long is dead
LANGUAGE = "zh-hans"  # the archive's own, whoever asked for it
FAULT_LENGTH = 1000
State = ArchiveExport.State


class Overtaken(Exception):
    """Somebody else writes this archive by now."""


def is_waiting() -> bool:
    """Tell whether an archive waits for the worker, or for another one because its worker died."""
    return _due().exists()


def _due():
    died = Q(state=State.RUNNING) & (Q(beat_at=None) | Q(beat_at__lt=clock.now() - STALE))
    return ArchiveExport.objects.filter(Q(state=State.WAITING) | died)


def work_off() -> None:
    """Write every archive that waits; may run twice at once, each is claimed by compare-and-set.

    An archive that fails is tried again, three times in all; then it is parked as failed, with the fault.
    """
    for pk in list(_due().order_by("pk").values_list("pk", flat=True)):
        export = _claim(pk)
        if export is None:
            continue
        try:
            _write(export)
        except Overtaken:
            log.warning("Archive %s is written by another worker.", pk)
        except Exception as error:  # whatever it was, it is shown; one that fails stops no other
            log.exception("Archive %s could not be written (try %s).", pk, export.tries)
            _failed(export, f"{type(error).__name__}: {error}")
        finally:
            _part_of(export).unlink(missing_ok=True)


def _claim(pk: int) -> ArchiveExport | None:
    """Return the row when it is this worker's turn, one try counted; None when somebody else is at it."""
    try:
        export = _due().select_related("cycle", "asked_by").filter(pk=pk).first()
        if export is None:
            return None
        if export.tries >= TRIES:
            _failed(export, export.fault or _("The worker was stopped each time before it had finished."))
            return None
        now = clock.now()
        taken = {"state": State.RUNNING, "tries": export.tries + 1, "started_at": now, "beat_at": now, "organs": 0}
        if _due().filter(pk=pk, tries=export.tries).update(**taken) != 1:
            return None
    except OperationalError:
        log.warning("Archive %s is locked; the next sweep looks again.", pk, exc_info=True)
        return None
    for name, value in taken.items():
        setattr(export, name, value)
    _clear_up(export)
    return export


def _mine(export: ArchiveExport):
    return ArchiveExport.objects.filter(pk=export.pk, state=State.RUNNING, tries=export.tries)


def _part_of(export: ArchiveExport) -> Path:
    return path_of(export).with_suffix(".part")


def _clear_up(export: ArchiveExport) -> None:
    """Delete what earlier tries of the same archive left behind when they were killed."""
    for left in path_of(export).parent.glob(f"{export.pk}-*"):
        left.unlink(missing_ok=True)


def _write(export: ArchiveExport) -> None:
    part = _part_of(export)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o750)

    def progress(done: int, total: int) -> None:
        if _mine(export).update(organs=done, organs_total=total, beat_at=clock.now()) != 1:
            raise Overtaken

    with closing(Zip(part)) as packed:
        sums = write_round(export.cycle_id, packed, retention=export.retention, progress=progress)
    found = {"sha256": _sha256_of(part), "size": part.stat().st_size}
    _settle(part, path_of(export))
    _done(export, sums, found)


def _done(export: ArchiveExport, sums: Sums, found: dict) -> None:
    cycle = export.cycle
    name = f"archive-{cycle.region.code}-{cycle.year}-{export.pk}.zip"
    written = {"files": sums.files, "manifest_sha256": sums.manifest_sha256, "name": name, "fault": "", **found}
    with transaction.atomic():
        if _mine(export).update(state=State.DONE, done_at=clock.now(), **written) != 1:
            path_of(export).unlink(missing_ok=True)
            raise Overtaken
        tell_of_archive(export, "archive_ready")


def _failed(export: ArchiveExport, fault: str) -> None:
    """Note the fault; the row waits for another try, or is parked after the last one."""
    parked = export.tries >= TRIES
    with transaction.atomic():
        if _mine(export).update(state=State.FAILED if parked else State.WAITING, fault=fault[:FAULT_LENGTH]) and parked:
            tell_of_archive(export, "archive_failed")


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


def _sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


def _settle(part: Path, to: Path) -> None:
    """Give the whole file its name, and let the name outlive a power cut."""
    part.replace(to)
    handle = os.open(to.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
