"""Pages of completion rates, for signed-in people."""

from datetime import date

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from creation import clock
from portal.dashboard import places, reading, words


@require_safe
def dashboard(request):
    """Return the page of the person's own region, or say what fills it for somebody without a post."""
    home = places.home_region(request.user)
    return dashboard_region(request, home.code) if home else render(request, "portal/dashboard.html")


@require_safe
def dashboard_region(request, code):
    """Return the rates of a region as of today or `?as_of=`; htmx gets the figures alone."""
    place = places.find(code, request.user)
    if place is None:
        raise Http404
    asked = request.GET.get("as_of", "").strip()
    day = _date(asked)
    refused = words.why_refused(asked, day, clock.today()) if asked else ""
    page = reading.read(
        place,
        None if refused else day,
        sort=request.GET.get("sort", ""),
        level=request.GET.get("level", ""),
        page=request.GET.get("page"),
    )
    template = "portal/_dashboard_figures.html" if request.htmx else "portal/dashboard_region.html"
    context = {
        "page": page,
        "region": place.region,
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in place.above],
        "asked": asked,
        "refused": refused,
        "has_errors": bool(refused),
        "today": clock.today(),
    }
    return render(request, template, context)


def _date(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
