"""Sending a team to an organ, and sending another one while the visit is not filed."""

from collections.abc import Callable
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from creation import clock
from creation.models import Assessment
from creation.rules import require
from creation.views.taking import take
from reviews.actions import teams
from reviews.forms.files import TeamForm
from reviews.models import Inspection
from reviews.views.files import about, file_in_scope, is_possible
from reviews.views.inspections import visit_in_scope


def file_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose team, lead and date of the inspection."""
    file = file_in_scope(request, pk)
    require(request.user, "file.assign", file)
    return _choose(request, file, "inspection", teams.assign, possible=is_possible(file, "assign"))


def spot_check_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the superior's own team, lead and date for a drawn organ."""
    file = file_in_scope(request, pk)
    require(request.user, "spot_check.assign", file)
    assigned = file.inspections.filter(kind="spot_check").exists()
    possible = is_possible(file, "confirm") and not assigned
    return _choose(request, file, "spot_check", teams.assign_spot_check, possible=possible)


def inspection_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose other people or another day for a visit that is not filed."""
    visit = visit_in_scope(request, pk)
    file = visit.assessment
    require(request.user, teams.PERMISSION[visit.kind], file)

    def change(_file: Assessment, **chosen: object) -> Inspection:
        return teams.change_team(visit, **chosen)

    return _choose(request, file, visit.kind, change, possible=not visit.is_filed, visit=visit)


def _choose(
    request: HttpRequest,
    file: Assessment,
    kind: str,
    verb: Callable,
    *,
    possible: bool,
    visit: Inspection | None = None,
) -> HttpResponse:
    day = _day_of_visit(request, file, kind, visit)
    choices = teams.team_choices(file, kind, day)
    form = TeamForm([user for user, _against in choices], request.POST or None, initial=_present(visit, day))
    if form.is_valid():
        response = take(
            request,
            lambda: verb(file, by=request.user, **form.assignment()),
            to=reverse("file_detail", args=[file.pk]),
            done=_("The team has been assigned."),
            form=form,
        )
        if response:
            return response
    context = {
        **about(file),
        "form": form,
        "kind": kind,
        "visit": visit,
        "possible": possible,
        "day": day,
        "window": file.cycle.window(kind),
        "free": [user for user, against in choices if not against],
        "barred": [(user, against) for user, against in choices if against],
    }
    return render(request, "reviews/file_assign.html", context)


def _present(visit: Inspection | None, day: date) -> dict:
    """Return what the form shows at first: nobody, or who goes so far."""
    if visit is None:
        return {"visit_on": day}
    going = list(visit.members.values_list("user__username", flat=True))
    return {"visit_on": day, "team": going, "lead": visit.lead.username}


def _day_of_visit(request: HttpRequest, file: Assessment, kind: str, visit: Inspection | None) -> date:
    """Return the day for which people are looked up: as typed, as in the address, as planned, or the first possible.

    A day outside the window is not looked up (nobody could go); the verb that gets it says so.
    """
    first, last = file.cycle.window(kind)
    typed = request.POST.get("visit_on") or request.GET.get("on") or ""
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    if day and first <= day <= last:
        return day
    return max(clock.today(), visit.visit_on if visit else first)
