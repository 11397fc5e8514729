"""Many files get their teams at once: proposed by the portal or read from a file, looked through, then assigned."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.errors import Refused
from creation.models import Assessment, User
from reviews import assigning
from reviews.actions.notices import work_calendar
from reviews.actions.teams import assign, candidates
from reviews.models import Inspection, TeamMember
from reviews.workdays import UnknownYear


@dataclass(frozen=True, slots=True)
class Assignment:
    """A team for a file: who goes, who leads, when. Nobody and no day: not decided yet."""

    file: Assessment
    team: tuple[User, ...] = ()
    lead: User | None = None
    visit_on: date | None = None


def files_to_assign(user: User) -> QuerySet[Assessment]:
    """Return the submitted files whose competent department the person is an official of, by region and code."""
    files = Assessment.objects.filter(stage=stages.SUBMITTED, organ__region__in=user.region_ids("official"))
    return files.with_places().order_by("organ__region__position", "organ__credit_code")


def propose_teams(files: list[Assessment], *, first: date, last: date, per_day: int) -> list[Assignment]:
    """Return a proposed assignment for each file; writes nothing.

    Only working days from `first` to `last` inside the round's window of inspection, only people without a conflict
    of interest on that window's first such day (the verb asks again for the very day), at most `per_day` visits a day.
    """
    needs = [_need(file, first, last) for file in files]
    people = {
        file.pk: candidates(file, "inspection", need.days[0]) if need.days else []
        for file, need in zip(files, needs, strict=True)
    }
    by_id = {user.pk: user for users in people.values() for user in users}
    taken = TeamMember.objects.filter(user__in=by_id, inspection__filed_at=None)
    going = list(taken.values_list("user_id", "inspection__visit_on"))
    proposals = assigning.propose(
        needs,
        {pk: [user.pk for user in users] for pk, users in people.items()},
        load=Counter(user for user, _day in going),
        busy=going,
        per_day=per_day,
    )
    return [_as_assignment(file, one, by_id) for file, one in zip(files, proposals, strict=True)]


def _need(file: Assessment, first: date, last: date) -> assigning.Need:
    opens, closes = file.cycle.window("inspection")
    days = _working_days(max(first, opens, clock.today()), min(last, closes))
    return assigning.Need(file.pk, file.organ.region.code, file.cycle.team_size, days)


def _working_days(first: date, last: date) -> tuple[date, ...]:
    """Return the working days of the span; in a year that the calendar does not know, Monday to Friday."""
    calendar = work_calendar()
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    saturday = 5
    try:
        return tuple(day for day in span if calendar.is_workday(day))
    except UnknownYear:
        return tuple(day for day in span if day.weekday() < saturday)


def _as_assignment(file: Assessment, one: assigning.Proposal, people: dict[int, User]) -> Assignment:
    team = tuple(people[who] for who in one.team)
    return Assignment(file, team, people.get(one.lead), one.day)


@transaction.atomic
def assign_many(assignments: list[Assignment], *, by) -> list[Inspection]:
    """Send every team and return the visits; all or nothing, with what stands against each organ named.

    Each goes through `assign`: the same right, the same team size, window and conflict rule as by hand.
    """
    if not assignments:
        raise Refused(_("Choose at least one file."))
    visits, problems = [], []
    for one in assignments:
        try:
            visits.append(_assign_one(one, by=by))
        except Refused as refused:
            why = [f"{who} {what}" for who, what in refused.problems] or [str(refused.message)]
            problems.append((str(one.file.organ), "; ".join(why)))
    if problems:
        raise Refused(_("No team has been assigned; put these right first."), problems=problems)
    return visits


def _assign_one(one: Assignment, *, by) -> Inspection:
    if one.visit_on is None or one.lead is None:
        raise Refused(_("Choose a date, a team and a lead."))
    return assign(one.file, team=list(one.team), lead=one.lead, visit_on=one.visit_on, by=by)
