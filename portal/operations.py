"""What the worker does and what waits for it: read from rows, as every queue of the portal is one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.models import CountChange, Digest, Import
from portal.timetable import SWEEP_SECONDS
from reviews.models import ArchiveExport, Notice, PhoneRecord, RecognitionOrder, TaskState

Text = Any
NEVER, RUNNING, FAILED, LATE, FINE = "never", "running", "failed", "late", "fine"
STATES = {
    NEVER: _("has not run yet"),
    RUNNING: _("running"),
    FAILED: _("failed"),
    LATE: _("late"),
    FINE: _("fine"),
}
A_DAY_AND_A_BIT = timedelta(hours=26)
# What runs by the timetable, and after what time without an end it is late.
BY_TIMETABLE = {
    "reviews.tasks.sweep": (_("Sweep: picks up what waits, every 30 seconds"), 4 * timedelta(seconds=SWEEP_SECONDS)),
    "reviews.tasks.reminders": (_("Reminders, every morning"), A_DAY_AND_A_BIT),
    "reviews.tasks.nightly": (_("Nightly: counts everything anew, clears up"), A_DAY_AND_A_BIT),
}
BY_BELL = {
    "reviews.tasks.recount": _("Recount of the rates"),
    "reviews.tasks.work_off_imports": _("Check and apply imports"),
    "reviews.tasks.publish_notices": _("Publish notices at their instant"),
    "reviews.tasks.carry_out_orders": _("Carry out ordered recognitions"),
    "reviews.tasks.digests": _("Write and send the mails of the day"),
    "reviews.tasks.work_off_archives": _("Write archives"),
    "reviews.tasks.erase_objectors": _("Erase who objected after the retention time"),
}


@dataclass(frozen=True, slots=True)
class Job:
    """A task with its last run and what is to be thought of it."""

    label: Text
    state: str
    row: TaskState | None

    @property
    def said(self) -> Text:
        """Return the state in words."""
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait: how many, since when the oldest, how often it was tried, how many were given up."""

    label: Text
    waiting: int
    oldest: datetime | None
    given_up: int


def jobs() -> list[Job]:
    """Return every task with its last run, those of the timetable first; one statement."""
    rows = {row.name: row for row in TaskState.objects.all()}
    timed = [Job(label, _state(rows.get(name), limit), rows.get(name)) for name, (label, limit) in BY_TIMETABLE.items()]
    return timed + [Job(label, _state(rows.get(name), None), rows.get(name)) for name, label in BY_BELL.items()]


def _state(row: TaskState | None, limit: timedelta | None) -> str:
    if row is None:
        return NEVER
    if limit and clock.now() - row.started_at > limit:
        return LATE
    if row.ended_at is None or row.ended_at < row.started_at:
        return RUNNING
    return FAILED if row.failed_at and row.failed_at >= row.started_at else FINE


# Each queue: its name, its rows, since when one waits, which rows wait, and which were given up.
QUEUES: tuple[tuple[Text, Callable[[], QuerySet], str, Q, Q | None], ...] = (
    (_("Changes to be counted"), CountChange.objects.all, "at", Q(), None),
    (
        _("Imports to be checked or applied"),
        Import.objects.all,
        "at",
        Q(state__in=[Import.State.WAITING, Import.State.CHECKING, Import.State.APPLYING]),
        None,
    ),
    (
        _("Approved notices before their instant"),
        Notice.objects.all,
        "approved_at",
        Q(approved_at__isnull=False, published_at__isnull=True),
        None,
    ),
    (_("Ordered recognitions"), RecognitionOrder.objects.all, "ordered_at", Q(done_at__isnull=True), None),
    (
        _("Mails that have not left"),
        Digest.objects.all,
        "made_at",
        Q(sent_at__isnull=True),
        Q(sent_at__isnull=True, attempts__gte=3),
    ),
    (
        _("Archives to be written"),
        ArchiveExport.objects.all,
        "asked_at",
        Q(state__in=[ArchiveExport.State.WAITING, ArchiveExport.State.RUNNING]),
        Q(state=ArchiveExport.State.FAILED),
    ),
    (_("Records from phones in quarantine"), PhoneRecord.objects.unsettled, "received_at", Q(), None),
)


def queues() -> list[Queue]:
    """Return how many rows wait in each queue and since when the oldest; one statement a queue."""
    return [_queue(label, rows(), since, waits, given_up) for label, rows, since, waits, given_up in QUEUES]


def _queue(label: Text, rows: QuerySet, since: str, waits: Q, given_up: Q | None) -> Queue:
    nothing = Q(pk__in=[])
    found = rows.aggregate(
        waiting=Count("pk", filter=waits),
        oldest=Min(since, filter=waits),
        given_up=Count("pk", filter=nothing if given_up is None else given_up),
    )
    return Queue(label, **found)
