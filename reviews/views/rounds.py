"""What rounds are measured by: the official calendar of working days, and targets."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from creation.models import Region
from creation.rules import require
from creation.views.taking import take
from reviews.actions import notices, targets
from reviews.forms.rounds import CalendarForm, TargetForm, as_lines
from reviews.models import CalendarYear, Target
from reviews.workdays import library_years


@require_safe
def calendar_list(request: HttpRequest) -> HttpResponse:
    """Return which years are known, from the library or entered by hand with their source, and what is missing."""
    entered = list(CalendarYear.objects.select_related("entered_by").prefetch_related("days"))
    known = library_years()
    this_year = clock.today().year
    by_hand = {row.year for row in entered}
    context = {
        "entered": entered,
        "first": known[0],
        "last": known[-1],
        "missing": [year for year in (this_year, this_year + 1) if year not in known and year not in by_hand],
    }
    return render(request, "reviews/calendar_list.html", context)


def calendar_enter(request: HttpRequest) -> HttpResponse:
    """Return the form of a year's days, filled with what was entered before; a sent one replaces them."""
    require(request.user, "calendar.enter")
    form = CalendarForm(request.POST or None, initial=_as_entered(request.GET.get("year", "")))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        answer = take(
            request,
            lambda: notices.enter_calendar(data["year"], data["days"], source=data["source"], by=request.user),
            to="calendar_list",
            done=_("The calendar of %(year)s has been entered.") % {"year": data["year"]},
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/calendar_enter.html", {"form": form})


def _as_entered(asked: str) -> dict:
    if not (asked.isdecimal() and asked.isascii() and len(asked) == len("2027")):
        return {}
    row = CalendarYear.objects.filter(year=int(asked)).first()
    return {"year": asked} | ({"source": row.source, "days": as_lines(row.days.all())} if row else {})


@require_safe
def target_list(request: HttpRequest) -> HttpResponse:
    """Return all targets, the latest deadline first."""
    rows = Target.objects.select_related("region").order_by("-deadline", "level", "region__position")
    return render(request, "reviews/target_list.html", {"targets": rows, "today": clock.today()})


def target_add(request: HttpRequest) -> HttpResponse:
    """Return the form of a new target; a sent one sets it."""
    require(request.user, "target.set")
    regions = Region.objects.filter(pk__in=request.user.scope("official"))
    form = TargetForm(request.POST or None, regions=regions, initial={"starts_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: targets.set_target(form.instance, by=request.user),
            to="target_list",
            done=_("The target has been set."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/target_add.html", {"form": form})
