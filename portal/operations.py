"""What the worker does and what waits for it: read from rows, as every queue of the portal is one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from creation import clock
from portal.timetable import SWEEP_SECONDS
from reviews.models import TaskState

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
SWEEP, NIGHTLY = "reviews.tasks.sweep", "reviews.tasks.nightly"
# What runs by the timetable, and after what time without an end it is late.
BY_TIMETABLE = {
    SWEEP: (_("Sweep: picks up what waits, every 30 seconds"), 4 * timedelta(seconds=SWEEP_SECONDS)),
    "reviews.tasks.reminders": (_("Reminders, every morning"), A_DAY_AND_A_BIT),
    NIGHTLY: (_("Nightly: counts everything anew, clears up"), A_DAY_AND_A_BIT),
    "portal.tasks.clear_reports": (_("Nightly: deletes reports whose time is over"), A_DAY_AND_A_BIT),
}
BY_BELL = {
    "reviews.tasks.recount": _("Recount of the rates"),
    "reviews.tasks.work_off_imports": _("Check and apply imports"),
    "reviews.tasks.publish_notices": _("Publish notices at their instant"),
    "reviews.tasks.carry_out_orders": _("Carry out ordered recognitions"),
    "reviews.tasks.digests": _("Write and send the mails of the day"),
    "reviews.tasks.work_off_archives": _("Write archives"),
    "reviews.tasks.tell_webhooks": _("Tell other systems"),
    "portal.tasks.work_off_reports": _("Write reports and long tables"),
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


def late_after(name: str) -> timedelta:
    """Return the time without a new run after which a job of the timetable is late."""
    return BY_TIMETABLE[name][1]


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
