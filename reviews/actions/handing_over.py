"""When somebody leaves, everything goes to a successor in one step: posts, sections, and the visits still to come."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from creation.actions import people
from creation.actions.events import record
from creation.actions.files import admit
from creation.errors import Refused
from creation.models import User
from creation.rules import may
from reviews.actions import teams
from reviews.actions.tellings import tell_of_change
from reviews.models import Inspection, TeamMember
from reviews.recipients import team_of


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a passing on did: posts and sections, the visits that have a new member, and those that stay, with why.

    `out_of_sight` is how many open visits the registrar may not know of; they stay as they are.
    """

    plan: people.PassingOn
    moved: list[Inspection]
    stay: list[tuple[Inspection, str]]
    out_of_sight: int


def open_visits(person: User, *, by) -> tuple[list[Inspection], int]:
    """Return the person's visits that have not been filed and that `by` may see, by day, and how many others there are.

    A registrar hears of no visit outside their regions, and of no spot check of an organ where they work themselves.
    """
    every = Inspection.objects.filter(members__user=person, filed_at=None)
    seen = every.filter(pk__in=Inspection.objects.visible_to(by).values("pk"))
    found = list(seen.select_related("assessment__organ__region__parent", "assessment__cycle", "lead"))
    return found, every.count() - len(found)


@transaction.atomic
def pass_everything_on(person: User, *, to: User, last_day: date, by) -> HandedOver:
    """Pass the person's posts and sections on and put the successor on the visits after `last_day`.

    A visit that cannot go over stays and is returned with its reason: the department changes its team. Refused as
    `creation.actions.people.pass_on` is; all or nothing.
    """
    plan = people.pass_on(person, to=to, last_day=last_day, by=by)
    moved, stay = [], []
    visits, out_of_sight = open_visits(person, by=by)
    for visit in visits:
        try:
            moved.append(replace_member(visit, leaves=person, comes=to, last_day=last_day, by=by))
        except Refused as refused:
            causes = "; ".join(str(why) for _who, why in refused.problems)
            stay.append((visit, causes or str(refused)))
    return HandedOver(plan, moved, stay, out_of_sight)


@transaction.atomic
def replace_member(inspection: Inspection, *, leaves: User, comes: User, last_day: date, by) -> Inspection:
    """Put a successor on the team in the place of somebody who leaves, as lead where they led, and return the visit.

    For the registrar of the region that visits. Refused for a visit that has been filed or that lies on or before the
    last day, for anybody with a conflict of interest, and for who is on the team already.
    """
    region = inspection.assessment.organ.region
    place = region.parent if inspection.is_spot_check else region
    if not may(by, "people.appoint", place):
        raise Refused(_("The visit belongs to another registrar's region."))
    held = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if held.is_filed:
        raise Refused(_("This visit has been filed and can no longer be changed."))
    if held.visit_on <= last_day:
        raise Refused(_("The visit lies on or before the last day: the person makes it and files it."))
    if held.members.filter(user=comes).exists():
        raise Refused(_("The successor is on this team already."))
    teams.refuse_conflicts(held.assessment, held.kind, [comes], max(held.visit_on, last_day + timedelta(days=1)))
    before, people_before = teams.as_event(held), team_of(held)
    if held.lead_id == leaves.pk:
        held.lead = comes
        held.save(update_fields=["lead"])
    held.members.filter(user=leaves).delete()
    TeamMember.objects.create(inspection=held, user=comes)
    elsewhere = TeamMember.objects.filter(inspection__assessment=held.assessment_id, user=leaves)
    if not elsewhere.exists():
        held.assessment.readers.filter(user=leaves).delete()
    admit(held.assessment, [comes])
    # the same verb as for any change of a team: who was on the first team stays known to the spot check
    event = record("change_team", held, by=by, before=before, after=teams.as_event(held))
    tell_of_change(held, event, before=people_before, team=team_of(held), moved_from=held.visit_on, by=by)
    return held


@dataclass(frozen=True, slots=True)
class Preview:
    """What a passing on would do: creation's plan, and every open visit with why it would stay (empty: it goes)."""

    plan: people.PassingOn
    visits: list[tuple[Inspection, str]]
    out_of_sight: int


def preview(person: User, *, to: User, last_day: date, by) -> Preview:
    """Return what `pass_everything_on` would do, by doing it and taking it back; refused for the same reasons."""
    plan = people.passing_on(person, to=to, last_day=last_day, by=by)
    with transaction.atomic():
        done = pass_everything_on(person, to=to, last_day=last_day, by=by)
        transaction.set_rollback(True)
    visits = [*((visit, "") for visit in done.moved), *done.stay]
    return Preview(plan, sorted(visits, key=lambda one: (one[0].visit_on, one[0].pk)), done.out_of_sight)
