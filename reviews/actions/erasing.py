"""Personal data end: who objected is erased when the round's retention time is over; grounds and decision stay.

In two steps, so that a killed job loses nothing and leaves nothing: first the rows forget who objected, then the files
go from the disk, and only then the rows forget where the files lay. What the first night left, the next one takes.
Backups are not touched: they end by their own age.
"""

import calendar
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from creation import clock
from creation.actions.events import record
from reviews.models import Objection, ObjectionFile, Objector, SetAside

FOLDER = "objections"
# a file that no row knows after a day was written by a request that was killed
ORPHANED = timedelta(days=1)


def erase_due() -> int:
    """Erase who objected where the retention time after the decision is over, and return from how many objections.

    Name, phone, the seal's scan and all files go, the grounds of what was set aside too; hashes, kinds, grounds and
    decision stay. May run twice at once and be killed at any point: the next run finishes it.
    """
    erased = sum(_forget_objector(objection) for objection in _due())
    _remove_files()
    _forget_set_aside()
    _remove_orphans()
    return erased


def erased_from(objection: Objection) -> date | None:
    """Return the first day on which who objected is erased, or None while it has not been decided."""
    if objection.decided_at is None:
        return None
    return months_after(timezone.localdate(objection.decided_at), objection.listing.notice.cycle.retention_months)


def months_after(day: date, months: int) -> date:
    """Return the day so many months later; where the month is too short, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _due() -> Iterator[Objection]:
    decided = Objection.objects.exclude(decided_at=None).filter(objector__erased_at=None)
    for objection in decided.select_related("listing__notice__cycle"):
        if erased_from(objection) <= clock.today():
            yield objection


@transaction.atomic
def _forget_objector(objection: Objection) -> bool:
    """Blank the words first; the paths, which tell nothing, stay until the files are gone."""
    waiting = Objector.objects.filter(objection=objection, erased_at=None)
    if not waiting.update(name="", phone="", erased_at=clock.now()):
        return False  # another run was faster
    files = ObjectionFile.objects.filter(objection=objection).update(name="")
    record("erase_objector", objection, by=None, after={"files": files})
    return True


def _remove_files() -> None:
    """Delete the files of erased objections; a row forgets its path only when the file is gone."""
    for objector in Objector.objects.exclude(erased_at=None).exclude(seal=""):
        default_storage.delete(objector.seal.name)
        Objector.objects.filter(pk=objector.pk).update(seal="")
    for file in ObjectionFile.objects.exclude(objection__objector__erased_at=None).exclude(file=""):
        default_storage.delete(file.file.name)
        ObjectionFile.objects.filter(pk=file.pk).update(file="")


def _forget_set_aside() -> None:
    for row in SetAside.objects.exclude(grounds="").select_related("listing__notice__cycle"):
        if months_after(timezone.localdate(row.at), row.listing.notice.cycle.retention_months) <= clock.today():
            SetAside.objects.filter(pk=row.pk).update(grounds="")


def _remove_orphans() -> None:
    """Delete files in the folder of objections that no row names."""
    known = {*ObjectionFile.objects.values_list("file", flat=True), *Objector.objects.values_list("seal", flat=True)}
    before = clock.now() - ORPHANED
    for name in _stored():
        if name not in known and default_storage.get_modified_time(name) < before:
            default_storage.delete(name)


def _stored() -> Iterable[str]:
    top = Path(default_storage.path(FOLDER))
    found = [path for path in top.rglob("*") if path.is_file()] if top.exists() else []
    return [str(PurePosixPath(FOLDER, *path.relative_to(top).parts)) for path in found]
