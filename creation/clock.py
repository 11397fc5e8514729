"""The portal's one clock: every business date and time is asked here.

In the demonstration profile the clock can be set ahead, so that a visitor can walk a file through a notice of
five working days in one sitting. The lead is a number of days in a small file shared by web and worker; in every
other profile that file is never read.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

_held: ContextVar[datetime | None] = ContextVar("held", default=None)
_arrived: ContextVar[datetime | None] = ContextVar("arrived", default=None)


def now() -> datetime:
    """Return the present instant, time zone aware, including the demonstration's lead if there is one."""
    return _held.get() or timezone.now() + timedelta(days=lead_days())


def today() -> date:
    """Return the present date in Asia/Shanghai, the day on which inclusive dates are compared."""
    return timezone.localdate(now())


def arrival_day() -> date:
    """Return the date in Asia/Shanghai on which the request came in, on which a deadline is kept; otherwise today.

    Who sends in time is in time, however long the database lets the request wait for others.
    """
    return timezone.localdate(_arrived.get() or now())


@contextmanager
def arrival() -> Iterator[None]:
    """Note that what is done inside came in now; part of the way of every request."""
    token = _arrived.set(now())
    try:
        yield
    finally:
        _arrived.reset(token)


def lead_days() -> int:
    """Return by how many days the demonstration's clock runs ahead; 0 outside the demonstration profile."""
    if settings.PROFILE != "demo":
        return 0
    try:
        return int(_lead_file().read_text())
    except (FileNotFoundError, ValueError):
        return 0


def set_ahead(days: int) -> None:
    """Let the demonstration's clock run `days` ahead of the real one (0 puts it right); never backwards in time."""
    _demonstration_only()
    path = _lead_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(str(max(0, days)))


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    """Let the clock stand at `instant` for this thread of work alone: how the demonstration lays out its past."""
    _demonstration_only()
    token = _held.set(instant)
    try:
        yield
    finally:
        _held.reset(token)


def _demonstration_only() -> None:
    if settings.PROFILE != "demo":
        msg = "The clock can be set in the demonstration profile only."
        raise RuntimeError(msg)


def _lead_file() -> Path:
    return Path(settings.DEMO_CLOCK_FILE)
