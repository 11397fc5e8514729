"""Pages of completion rates, for signed-in people."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from creation import clock
from creation.rules import may
from creation.spreadsheets import write_csv, write_workbook
from portal.dashboard import ahead, figures, places, reading, since, tables, words
from portal.dashboard.forms import AheadForm, ChangesForm, levels_below
from reviews import rates


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
        user=request.user,
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
        "operates": may(request.user, "operations.read"),
    }
    return render(request, template, context)


@require_safe
def dashboard_changes(request, code):
    """Return what changed in a region and level between two days (`?since=`, `?until=`), as parts that add up."""
    place = places.find(code, request.user)
    if place is None:
        raise Http404
    form = ChangesForm(request.GET, levels=levels_below(place.region), today=clock.today())
    asked = form.asked()
    found = since.read(place, **asked, part=request.GET.get("part", ""), page=request.GET.get("page"))
    above = [*place.above, place.region]
    context = {
        "form": form,
        "region": place.region,
        "place": place,
        "organs": words.ORGANS_OF[asked["level"]],
        "found": found,
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in above],
        "has_errors": bool(form.errors),
    }
    return render(request, "portal/dashboard_changes.html", context)


@require_safe
def dashboard_ahead(request, code):
    """Return a level's pace, what its targets need, the forecast, and what so many more organs would make of it."""
    place = places.find(code, request.user)
    if place is None:
        raise Http404
    today = figures.of_today(place)
    levels = today.levels(place.region)
    form = AheadForm(request.GET, levels=levels[::-1])
    level, more = form.asked()
    found = None
    if level:
        targets = rates.targets_for(place.path, level, rates.targets_on(clock.today()))
        counts = today.counts[place.region.pk, level]
        states = rates.target_states(counts, targets)
        found = ahead.read(place, level, counts, states, clock.today(), more=more)
    context = {
        "form": form,
        "region": place.region,
        "level": level,
        "organs": words.ORGANS_OF.get(level, ""),
        "ahead": found,
        "today": clock.today(),
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in [*place.above, place.region]],
    }
    return render(request, "portal/dashboard_ahead.html", context)


@require_safe
def dashboard_table(request, code, kind):
    """Return the numbers of a region as of today or `?as_of=` as CSV (the regions) or XLSX (all tables)."""
    place = places.find(code, request.user)
    day = _date(asked) if (asked := request.GET.get("as_of", "").strip()) else None
    if place is None or (asked and (day is None or day > clock.today())):
        raise Http404
    page = reading.read(place, day, user=request.user)
    made = write_csv(tables.regions_of(page)) if kind == "csv" else write_workbook(tables.sheets_of(page))
    name = f"rates-{code}-{page.figures.day.isoformat()}.{kind}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type=tables.FORMATS[kind], headers=disposition)


def _date(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
