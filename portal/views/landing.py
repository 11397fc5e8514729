"""The first page for everybody without an account: what runs, what was decided lately, and how to have a say."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from creation import clock
from creation.stages import STATIONS
from reviews import published
from reviews.views.public import answer_unless_known

LATELY = 3


def landing(request: HttpRequest) -> HttpResponse:
    """Show what is public at this moment, in five statements however much there is."""
    now, today = clock.now(), clock.today()
    context = {
        "running": [(notice, (notice.last_day - today).days) for notice in published.running_notices(now, today)],
        "granted": published.granted_lately(today)[:LATELY],
        "outcomes": list(published.as_outcomes(published.outcomes(now)[:LATELY])),
        "pools": [(pool, hasattr(pool, "draw") and hasattr(pool.draw, "publication")) for pool in _newest_pools()],
        "announced": published.announcements(now).defer("rows")[:LATELY],
        "stations": STATIONS,
    }
    return answer_unless_known(request, render(request, "portal/landing.html", context))


def _newest_pools():
    return published.pools()[:LATELY]
