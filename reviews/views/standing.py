"""The first line of a notice: whether one can object, until when, and how much time is left."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from creation import clock
from reviews import workdays
from reviews.actions.notices import work_calendar
from reviews.models import Notice

HOUR = timedelta(hours=1)


def standing(notice: Notice) -> dict:
    """Return the period of a published notice, whether it has ended, and what is left of it."""
    return standing_at(notice.first_day, notice.last_day, clock.now())


def standing_at(first_day, last_day, now: datetime) -> dict:
    """Return how a period stands at an instant: `working_days_left` after today, `hours_left` to its end, whole ones.

    The last day belongs to the period until midnight in Asia/Shanghai. Only a running period asks the calendar.
    """
    today = timezone.localdate(now)
    found = {"first_day": first_day, "last_day": last_day, "ended": workdays.notice_ended(last_day, today)}
    if not found["ended"]:
        end = timezone.make_aware(datetime.combine(last_day + timedelta(days=1), time.min))
        tomorrow = today + timedelta(days=1)
        found["is_last_day"] = today == last_day
        found["working_days_left"] = workdays.working_days_between(tomorrow, last_day, work_calendar())
        found["hours_left"] = (end - now) // HOUR
    return found
