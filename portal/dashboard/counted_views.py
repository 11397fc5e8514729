"""The page that explains a figure of the rates."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from creation import clock
from creation.rules import may
from portal.dashboard import counted, freshness, places, words
from portal.dashboard.forms import CountedForm


@require_safe
def dashboard_counted(request, code):
    """Return what a region's rate counts, what not and why, as of today or `?as_of=`, and the list behind `?what=`.

    `?within=` narrows to a region directly below, or to the organs of the region itself; 404 for any other.
    """
    place = places.find(code, request.user)
    inside = request.GET.get("within", "")
    if place is None:
        raise Http404
    within = next((one for one in [place.region, *place.children] if one.code == inside), None)
    if inside and within is None:
        raise Http404
    today = clock.today()
    form = CountedForm(request.GET, region=place.region, today=today)
    asked = counted.Asked(
        **form.asked(), within=within, figure=request.GET.get("what", ""), page=request.GET.get("page")
    )
    context = {
        "place": place,
        "region": place.region,
        "within": within,
        "form": form,
        "asked": asked,
        "organs": words.ORGANS_OF[asked.level],
        "counted": counted.read(place, asked, today=today, user=request.user),
        # the last one of a name counts: the address cannot ask for another region than the page
        "asked_for": f"{request.GET.urlencode()}&region={code}",
        "freshness": freshness.of(place),
        "counts_now": True,
        "operates": may(request.user, "operations.read"),
        "crumbs": [(str(one), reverse("dashboard_region", args=[one.code])) for one in [*place.above, place.region]],
        "has_errors": bool(form.errors),
    }
    return render(request, "portal/dashboard_counted.html", context)
