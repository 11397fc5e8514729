"""The deviations as pictures: the tables of the reviews, drawn, for whoever reads those tables."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation.rules import require
from portal.charts.chart import Chart
from portal.charts.deviations import picture_of
from portal.charts.sending import sent
from reviews.views.deviations import DISTRICTS, INDICATORS, SECTIONS, about, read, tables_of


@require_safe
def deviation_pictures(request: HttpRequest) -> HttpResponse:
    """Show the deviations of a round by item and by district as pictures, of the organs in the official's regions."""
    require(request.user, "deviation.read")
    context = about(request)
    cycle = context["cycle"]
    context |= {
        "pictures": {chart.name: chart for chart in _charts(request, cycle)},
        "chart_route": ["deviation"],
        "asked_for": f"?round={cycle.pk}" if cycle else "",
        "crumbs": [(_("Deviations"), reverse("deviation_list"))],
    }
    return render(request, "portal/deviation_pictures.html", context)


@require_safe
def deviation_chart(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Return one of these pictures as SVG or PNG, by the same right."""
    require(request.user, "deviation.read")
    cycle = about(request)["cycle"]
    found = next((chart for chart in _charts(request, cycle) if chart.name == name), None)
    if found is None:
        raise Http404
    return sent(request, found, kind, f"deviations-{name}-{cycle.year}")


def _charts(request: HttpRequest, cycle) -> list[Chart]:
    if not cycle:
        return []
    files, indicators = read(request, cycle)
    found = [
        picture_of(of, SECTIONS[of], tables_of(of, request, files, indicators), cycle) for of in (INDICATORS, DISTRICTS)
    ]
    return [chart for chart in found if chart]
