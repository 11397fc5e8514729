"""An inspector's day: today's visits first, then the others by date, within a day in the order of the route."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock, stages
from creation.models import Appointment, Indicator, User
from reviews.models import Finding, Inspection
from reviews.views.walk import ON_SITE, next_step

PER_PAGE = 50
ROUTE = ("assessment__organ__region__position", "assessment__organ__address", "assessment__organ__credit_code", "pk")
EARLIER_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Stop:
    """One visit of the day: what has to be looked at, whom to call, what was found before, what comes next."""

    visit: Inspection
    items: int
    site_codes: list[str]
    contacts: list[User]
    open_findings: list[Finding]
    earlier: list[Finding]
    stage: stages.Text
    next: str


@require_safe
def inspection_list(request: HttpRequest) -> HttpResponse:
    """Show the person's own visits: those to do by day, or (?state=filed) those done, the newest first."""
    state = "filed" if request.GET.get("state") == "filed" else "open"
    page = Paginator(_counted(visits_of(request.user, state)), PER_PAGE).get_page(request.GET.get("page"))
    stops = _stops(list(page), earlier=state == "open")
    context = {"page": page, "state": state, "stops": stops, "days": _days(stops) if state == "open" else []}
    return render(request, "reviews/inspection_list.html", context)


def visits_of(user, state: str) -> QuerySet[Inspection]:
    """Return the person's own visits in the order of the page: those done (`filed`), or those to do."""
    visits = Inspection.objects.of(user).filter(filed_at__isnull=state != "filed").with_file()
    if state == "filed":
        return visits.order_by("-filed_at", "-pk")
    today_first = Case(When(visit_on=clock.today(), then=Value(0)), default=Value(1))
    return visits.order_by(today_first, "visit_on", *ROUTE)


def _counted(visits: QuerySet[Inspection]) -> QuerySet[Inspection]:
    is_rated = Q(ratings__found__isnull=False) | Q(ratings__not_applicable=True)
    return visits.annotate(
        rated=Count("ratings", filter=is_rated & Q(ratings__indicator__bonus=False), distinct=True),
        answered=Count("findings", filter=Q(findings__state=Finding.State.ANSWERED), distinct=True),
    )


def _days(stops: list[Stop]) -> list[tuple[date, str, list[Stop]]]:
    """Return the stops by day as (day, a word about it, stops)."""
    today = clock.today()
    grouped = groupby(stops, key=lambda stop: stop.visit.visit_on)
    words = {True: _("today"), False: ""}
    return [
        (day, _("not filed yet, the day has passed") if day < today else words[day == today], list(of_day))
        for day, of_day in grouped
    ]


def _stops(visits: list[Inspection], *, earlier: bool) -> list[Stop]:
    """Return the visits with what belongs to them, in as many statements for one as for many."""
    standards = {visit.assessment.cycle.standard_id for visit in visits}
    items: dict[int, list[Indicator]] = defaultdict(list)
    for indicator in Indicator.objects.filter(standard__in=standards, bonus=False).order_by("position"):
        items[indicator.standard_id].append(indicator)
    organs = {visit.assessment.organ_id for visit in visits}
    contacts, found = _contacts(organs), _found(organs)
    stops = []
    for visit in visits:
        file, of = visit.assessment, items[visit.assessment.cycle.standard_id]
        here = [one for one in found[file.organ_id] if one.inspection_id == visit.pk]
        before = [one for one in found[file.organ_id] if one.inspection.assessment_id != file.pk]
        stops.append(
            Stop(
                visit=visit,
                items=len(of),
                site_codes=[one.code for one in of if ON_SITE in one.check_by],
                contacts=contacts[file.organ_id],
                open_findings=[one for one in here if one.state != Finding.State.ACCEPTED],
                earlier=before[:EARLIER_SHOWN] if earlier else [],
                stage=stages.LABELS[file.stage],
                next=next_step(visit, missing=len(of) - visit.rated, answered=visit.answered),
            )
        )
    return stops


def _contacts(organs: set[int]) -> dict[int, list[User]]:
    posts = Appointment.objects.on(clock.today()).filter(organ__in=organs, role="clerk", user__is_active=True)
    people: dict[int, list[User]] = defaultdict(list)
    for post in posts.select_related("user"):
        people[post.organ_id].append(post.user)
    return people


def _found(organs: set[int]) -> dict[int, list[Finding]]:
    """Return everything found at the organs on visits, the newest first, by organ."""
    rows = Finding.objects.filter(inspection__assessment__organ__in=organs)
    found: dict[int, list[Finding]] = defaultdict(list)
    for row in rows.select_related("indicator", "inspection__assessment__cycle").order_by("-raised_at", "-pk"):
        found[row.inspection.assessment.organ_id].append(row)
    return found
