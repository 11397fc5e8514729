"""Pages of completion rates, for signed-in people."""

from datetime import date

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from creation import clock
from creation.rules import may
from creation.spreadsheets import write_csv, write_workbook
from portal.charts.sending import sent
from portal.dashboard import ahead, figures, freshness, gallery, places, reading, since, tables, words
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
    page = reading.read(place, None if refused else day, user=request.user, **_filters(request))
    template = "portal/_dashboard_figures.html" if request.htmx else "portal/dashboard_region.html"
    context = {
        "page": page,
        "asked_for": _asked_for(request, page),
        "chart_route": ["dashboard", place.region.code],
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
        "level": asked["level"],
        "freshness": freshness.of(place),
        "counts_now": True,
        "operates": may(request.user, "operations.read"),
        "organs": words.ORGANS_OF[asked["level"]],
        "found": found,
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in above],
        "has_errors": bool(form.errors),
        "asked_for": f"{request.GET.urlencode()}&region={code}",
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
    level, numbers = form.asked()
    found = None
    if level:
        targets = rates.targets_for(place.path, level, rates.targets_on(clock.today()))
        states = rates.target_states(today.counts[place.region.pk, level], targets)
        found = ahead.read(place, level, today, states, clock.today(), asked=numbers)
    context = {
        "form": form,
        "region": place.region,
        "level": level,
        "organs": words.ORGANS_OF.get(level, ""),
        "ahead": found,
        "place": place,
        "freshness": freshness.of(place),
        "operates": may(request.user, "operations.read"),
        "today": clock.today(),
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in [*place.above, place.region]],
        "asked_for": f"region={code}&level={level}",
    }
    return render(request, "portal/dashboard_ahead.html", context)


@require_safe
def dashboard_table(request, code, kind):
    """Return the numbers of a region as of today or `?as_of=` as XLSX (all tables) or CSV (one, `?table=`)."""
    place = places.find(code, request.user)
    day = _date(asked) if (asked := request.GET.get("as_of", "").strip()) else None
    if place is None or (asked and (day is None or day > clock.today())):
        raise Http404
    page = reading.read(place, day, user=request.user)
    which = request.GET.get("table", "")
    rows = tables.csv_of(page, which)
    if rows is None:
        raise Http404
    made = write_csv(rows) if kind == "csv" else write_workbook(tables.sheets_of(page))
    name = f"{which or 'rates'}-{code}-{page.figures.day.isoformat()}.{kind}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(made, content_type=tables.FORMATS[kind], headers=disposition)


@require_safe
def dashboard_chart(request, code, name, kind):
    """Return one picture of a region's page as SVG or PNG, as of today or `?as_of=`, by the filters of the page.

    It is drawn on the server; a browser that has it already is told so before anything is drawn.
    """
    place = places.find(code, request.user)
    day = _date(asked) if (asked := request.GET.get("as_of", "").strip()) else None
    if place is None or (asked and (day is None or day > clock.today())):
        raise Http404
    page = reading.read(place, day, user=request.user, **_filters(request))
    found = next((chart for chart in gallery.charts_of(page) if chart.name == name), None)
    if found is None:
        raise Http404
    return sent(request, found, kind, f"rates-{code}-{name}-{page.figures.day.isoformat()}")


def _filters(request):
    """Return the filters of the page that live in its address; a page opens on this year."""
    asked = request.GET
    return {name: asked.get(name, "") for name in ("sort", "level", "view")} | {
        "period": asked.get("period", reading.YEAR)
    }


def _asked_for(request, page):
    """Return the part of an address that leads from a page to its pictures: the filters that were given."""
    given = {name: request.GET[name] for name in ("sort", "level", "view", "period") if request.GET.get(name)}
    if page.is_past:
        given["as_of"] = page.figures.day.isoformat()
    return f"?{urlencode(given)}" if given else ""


def _date(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
