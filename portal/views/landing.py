"""The first page for everybody without an account: what runs, what was decided lately, and how to have a say."""

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from creation import clock
from creation.stages import STATIONS
from reviews import published, workdays
from reviews.actions.notices import work_calendar
from reviews.models import Notice, Pool
from reviews.views.public import answer_unless_known

LATELY = 3


def landing(request: HttpRequest) -> HttpResponse:
    """Show what is public at this moment, in six statements however much there is."""
    now, today = clock.now(), clock.today()
    context = {
        "running": _running(now, today),
        "granted": published.granted_lately(today)[:LATELY],
        "outcomes": list(published.as_outcomes(published.outcomes(now)[:LATELY])),
        "pools": [(pool, hasattr(pool, "draw") and hasattr(pool.draw, "publication")) for pool in _newest_pools()],
        "announced": published.announcements(now).defer("rows")[:LATELY],
        "stations": STATIONS,
    }
    return answer_unless_known(request, render(request, "portal/landing.html", context))


def _running(now: datetime, today: date) -> list[tuple[Notice, int]]:
    """Return the notices to which one can object, each with the working days left after today."""
    found = list(published.running_notices(now, today))
    calendar = work_calendar() if found else None
    tomorrow = today + timedelta(days=1)
    return [(notice, workdays.working_days_between(tomorrow, notice.last_day, calendar)) for notice in found]


def _newest_pools() -> QuerySet[Pool]:
    return published.pools()[:LATELY]
