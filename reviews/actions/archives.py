"""A closed round is asked to be written into an archive, and the archive is handed out."""

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.actions.messages import Telling, tell
from creation.doorbell import ring
from creation.errors import Refused
from creation.models import Cycle
from creation.rules import require
from reviews.models import ArchiveExport

TASK = "reviews.tasks.work_off_archives"


def ask_for_archive(cycle: Cycle, *, by, retention: str = ArchiveExport.Retention.YEARS_30) -> ArchiveExport:
    """Ask for the archive of a closed round and return the row that the worker works off.

    Refused before the round is closed, while a draw of it waits to be published (the archive would tell who was
    drawn), and while another archive of it is being written.
    """
    require(by, "archive.manage", cycle)
    if retention not in ArchiveExport.Retention.values:
        raise Refused(_("Choose for how long the archive is kept."), field="retention")
    if Cycle.objects.filter(pk=cycle.pk, closed_at=None).exists():
        raise Refused(_("Only a closed round can be archived."))
    if cycle.assessments.exclude(told_since=F("stage_since")).exists():
        raise Refused(_("A draw of this round has not been published yet: publish it first."))
    try:
        with transaction.atomic():
            export = ArchiveExport.objects.create(
                cycle=cycle, asked_by=by, asked_at=clock.now(), retention=ArchiveExport.Retention(retention)
            )
            record("ask_for_archive", export, by=by, after={"cycle": cycle.pk, "retention": export.retention})
            ring(TASK)
    except IntegrityError as error:
        raise Refused(_("An archive of this round is being written already.")) from error
    return export


@transaction.atomic
def hand_out(export: ArchiveExport, *, by) -> Path:
    """Return where the written archive lies, for its download, which is recorded; refused until it is ready."""
    require(by, "archive.manage", export.cycle)
    if export.state != ArchiveExport.State.DONE or not path_of(export).is_file():
        raise Refused(_("This archive is not there to be downloaded. Ask for it anew: the same round gives the same."))
    record("download_archive", export, by=by, after={"sha256": export.sha256})
    return path_of(export)


def clear_old() -> int:
    """Delete the files of archives that were ready `ARCHIVE_DAYS` days ago, and return how many; part of the night.

    The row stays with its hashes, so that a copy can still be proved; whoever needs the file asks for it anew and gets
    the same, as the same data give the same archive.
    """
    done = ArchiveExport.objects.filter(state=ArchiveExport.State.DONE)
    deleted = 0
    for export in done.filter(done_at__lt=clock.now() - timedelta(days=settings.ARCHIVE_DAYS)).order_by("pk"):
        path = path_of(export)
        if path.is_file():
            # the event first: a file without an event is deleted the next night, an event without a file is true
            record("delete_archive", export, by=None, after={"sha256": export.sha256})
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted


def path_of(export: ArchiveExport) -> Path:
    """Return where the archive lies: named by its row and try alone, so that no late worker touches a finished one."""
    return Path(settings.MEDIA_ROOT) / "archives" / f"{export.pk}-{export.tries}.zip"


def tell_of_archive(export: ArchiveExport, kind: str) -> None:
    """Tell whoever asked that the archive is ready, or why there is none; part of the worker's last step."""
    values = {"year": export.cycle.year}
    tell([Telling(export.asked_by, kind, f"archive:{export.pk}", about=export.cycle_id, values=values)], by=None)
