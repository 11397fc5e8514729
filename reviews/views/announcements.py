"""Announcing rates, inside the portal: the numbers as the public will see them, then one button."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creation import clock
from creation.models import Region
from creation.rules import require
from creation.views.taking import take
from reviews.actions import announcements
from reviews.forms.announcements import AnnouncementForm, FiguresForm
from reviews.views.public_announcements import levels_of


@require_http_methods(["GET", "HEAD", "POST"])
def announcement_add(request: HttpRequest) -> HttpResponse:
    """Show the numbers of a region on a day as the public will see them; a sent form announces exactly these."""
    regions = Region.objects.filter(pk__in=request.user.region_ids("official")).exclude(kind=Region.Kind.DISTRICT)
    region = regions.order_by("position").first()
    require(request.user, "rates.announce", region or Region())
    asked = request.POST if request.method == "POST" else request.GET
    asked = asked if "as_of" in asked else {"region": region.code, "as_of": clock.today().isoformat()}
    figures = FiguresForm(asked, regions=regions)
    form = AnnouncementForm(request.POST or None)
    rows = []
    if figures.is_valid():
        region, day = figures.cleaned_data["region"], figures.cleaned_data["as_of"]
        if request.method == "POST" and form.is_valid():
            answer = take(
                request,
                lambda: announcements.announce(
                    region, as_of=day, **form.cleaned_data, by=request.user, seen=request.POST.get("seen", "-")
                ),
                to=lambda announced: reverse("announced_detail", args=[announced.pk]),
                done=_("The rates have been announced."),
                form=form,
            )
            if answer:
                return answer
        rows = announcements.rows_on(region, day)
    context = {
        "figures": figures,
        "form": form,
        "has_errors": bool(figures.errors),
        "region": region,
        "levels": levels_of(rows, region.code),
        "digest": announcements.digest_of(rows),
        "crumbs": [(_("Announced rates"), reverse("announced_list"))],
    }
    return render(request, "reviews/announcement_add.html", context)
