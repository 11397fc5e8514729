"""A team without a conflict of interest is sent to an organ, and can be changed until its visit is filed."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from creation import clock, stages
from creation.actions.events import record
from creation.actions.files import admit
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Appointment, Assessment, Event, User
from creation.querysets import SEES_FILES
from creation.rules import require
from reviews.actions.tellings import tell_of_change, tell_team
from reviews.models import Inspection, TeamMember
from reviews.recipients import team_of

PERMISSION = {"inspection": "file.assign", "spot_check": "spot_check.assign"}


@transaction.atomic
def assign(assessment: Assessment, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    """Send a team to the organ and return the visit; the file moves under inspection.

    Refused for a team that is too small or without its lead, for a day that is past or outside the window of the
    round, and with anybody who has a conflict of interest (named in the message).
    """
    require(by, "file.assign", assessment)
    inspection = _send_team(assessment, "inspection", team=team, lead=lead, visit_on=visit_on, by=by)
    move(assessment, "assign", by=by, told={"day": visit_on.isoformat()})
    return inspection


@transaction.atomic
def assign_spot_check(assessment: Assessment, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    """Send the superior's own team to a drawn organ and return the visit; refused for anybody of the first team."""
    held = hold_drawn(assessment, PERMISSION["spot_check"], by=by)
    return _send_team(held, "spot_check", team=team, lead=lead, visit_on=visit_on, by=by)


def hold_drawn(assessment: Assessment, permission: str, *, by) -> Assessment:
    """Lock a drawn file until the end of the transaction and return it fresh; refused when it is not (or no longer).

    The superior's team and the superior's letter both come through here, so that never both decide.
    """
    held = Assessment.objects.select_for_update().get(pk=assessment.pk)
    require(by, permission, held)
    if held.stage != stages.UNDER_SPOT_CHECK:
        raise Refused(_("The file has not been drawn for the spot check."))
    return held


def _send_team(assessment: Assessment, kind: str, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    _check_team(assessment, kind, team=team, lead=lead, visit_on=visit_on)
    try:
        with transaction.atomic():
            inspection = Inspection.objects.create(
                assessment=assessment, kind=kind, visit_on=visit_on, lead=lead, assigned_by=by, assigned_at=clock.now()
            )
    except IntegrityError as error:
        raise Overtaken(_("A team has been assigned already.")) from error
    TeamMember.objects.bulk_create(TeamMember(inspection=inspection, user=user) for user in team)
    admit(assessment, team)
    tell_team(inspection, team, by=by)
    return inspection


def _check_team(assessment: Assessment, kind: str, *, team: list[User], lead: User, visit_on: date) -> None:
    first, last = assessment.cycle.window(kind)
    if not first <= visit_on <= last:
        raise Refused(
            _("The visit must lie in the window of the round, %(first)s to %(last)s.")
            % {"first": first.isoformat(), "last": last.isoformat()},
            field="visit_on",
        )
    if visit_on < clock.today():
        raise Refused(_("A visit is planned for today or later; it cannot be dated back."), field="visit_on")
    if len(set(team)) < assessment.cycle.team_size:
        raise Refused(
            _("A team needs at least %(number)s people.") % {"number": assessment.cycle.team_size}, field="team"
        )
    if lead not in team:
        raise Refused(_("The lead must be on the team."), field="lead")
    refuse_conflicts(assessment, kind, team, visit_on)


@transaction.atomic
def change_team(inspection: Inspection, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    """Send other people, or on another day, and return the visit; what was recorded so far stays with it.

    For the department that assigned the visit, until it is filed. The same conditions hold as for assigning; who
    leaves the team neither works on the visit nor reads the file any longer.
    """
    require(by, PERMISSION[inspection.kind], inspection.assessment)
    held = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if held.is_filed:
        raise Refused(_("This visit has been filed and can no longer be changed."))
    _check_team(held.assessment, held.kind, team=team, lead=lead, visit_on=visit_on)
    before, people, day = as_event(held), team_of(held), held.visit_on
    held.lead, held.visit_on = lead, visit_on
    held.save(update_fields=["lead", "visit_on"])
    held.members.exclude(user__in=team).delete()
    still_there = TeamMember.objects.filter(inspection__assessment=held.assessment_id).values("user")
    held.assessment.readers.exclude(user__in=team).exclude(user__in=still_there).delete()
    TeamMember.objects.bulk_create([TeamMember(inspection=held, user=user) for user in team], ignore_conflicts=True)
    admit(held.assessment, team)
    event = record("change_team", held, by=by, before=before, after=as_event(held))
    tell_of_change(held, event, before=people, team=team, moved_from=day, by=by)
    return held


def as_event(inspection: Inspection) -> dict:
    """Return team, lead and day as an audit event keeps them; who was ever on the first team is read from these."""
    return {
        "team": sorted(inspection.members.values_list("user__username", flat=True)),
        "lead": inspection.lead.username,
        "visit_on": inspection.visit_on.isoformat(),
    }


def refuse_conflicts(assessment: Assessment, kind: str, team: list[User], *days: date) -> None:
    """Raise `Refused`, naming everybody on the team who has a conflict of interest on one of the days."""
    against = [_conflicts_of(team, assessment, kind, day) for day in days]
    problems = [
        (str(user), why) for user in team for why in dict.fromkeys(why for found in against for why in found[user.pk])
    ]
    if problems:
        raise Refused(_("Not everybody can be on this team."), problems=problems, field="team")


def conflicts(user: User, assessment: Assessment, kind: str, day: date) -> list[str]:
    """Return why the person cannot be on a visit of `kind` to the organ on `day`; empty when nothing stands against it.

    Nobody who works or, within the cycle's years of conflict, worked at the organ; only inspectors of the area that
    visits (a department's own file goes to inspectors of another region). On a spot check nobody who was on the first
    team at any time, and nobody who could read its points in another post (a spot checker has not seen them).
    """
    return _conflicts_of([user], assessment, kind, day)[user.pk]


def _conflicts_of(users: list[User], assessment: Assessment, kind: str, day: date) -> dict[int, list[str]]:
    """Return the conflicts of several people by their id, in as many statements as for one."""
    of_organ = Appointment.objects.filter(organ=assessment.organ_id, user__in=users, starts_on__lte=day)
    since = _years_before(day, assessment.cycle.conflict_years)
    worked = set(of_organ.exclude(ends_on__lt=since).values_list("user_id", flat=True))
    inspectors = set(inspectors_for(assessment, kind, day).values_list("pk", flat=True))
    is_second = kind == "spot_check"
    first = _first_team(assessment) if is_second else set()
    reads = _readers_of_points(assessment, users, day) if is_second else set()
    reasons = (
        (lambda pk: pk in worked, _("works or recently worked at the organ")),
        (lambda pk: pk not in inspectors, _("is not an inspector of the area that visits")),
        (lambda pk: pk in first, _("was on the first team")),
        (lambda pk: pk in reads, _("could read the first inspection's points in another post")),
    )
    return {user.pk: [why for stands, why in reasons if stands(user.pk)] for user in users}


def _first_team(assessment: Assessment) -> set[int]:
    """Return everybody who is or was on the first team: by its rows, by what they recorded, by the changes of team."""
    first = assessment.inspections.filter(kind="inspection").order_by()
    rows = first.values_list("members__user").union(
        first.values_list("ratings__saved_by"),
        first.values_list("findings__raised_by"),
        first.values_list("vetoes__by"),
    )
    changes = Event.objects.filter(verb="change_team", subject_type="inspection", subject_id__in=first.values("pk"))
    names = {name for event in changes for name in event.before["team"]}
    former = User.objects.filter(username__in=names).values_list("pk", flat=True) if names else ()
    return {pk for (pk,) in rows if pk} | set(former)


def _readers_of_points(assessment: Assessment, users: list[User], day: date) -> set[int]:
    """Return who of `users` holds on `day`, or held since the first filing, a post that shows the file's points."""
    filed = assessment.inspections.filter(kind="inspection").values_list("filed_at", flat=True).first()
    posts = Appointment.objects.filter(
        user__in=users,
        role__in=SEES_FILES,
        region__paths_down__descendant=assessment.organ.region_id,
        starts_on__lte=day,
    )
    return set(posts.exclude(ends_on__lt=localdate(filed) if filed else day).values_list("user_id", flat=True))


def _years_before(day: date, years: int) -> date:
    """Return the same date some years earlier (28 February for the 29th where there is none)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def inspectors_for(assessment: Assessment, kind: str, day: date) -> QuerySet[User]:
    """Return the inspectors of the area that visits the organ on `day`, with or without a conflict of their own."""
    region = assessment.organ.region
    posts = Appointment.objects.on(day).filter(role="inspector")
    if kind == "spot_check":
        posts = posts.filter(region=region.parent_id)
    elif region.department_id == assessment.organ_id:
        posts = posts.exclude(user__in=posts.filter(region=region).values("user_id"))
    elif kind == "recheck":
        posts = posts.filter(region__in={region.pk, assessment.cycle.region_id})
    else:
        posts = posts.filter(region=region)
    return User.objects.filter(pk__in=posts.values("user_id"))


def team_choices(assessment: Assessment, kind: str, day: date) -> list[tuple[User, list[str]]]:
    """Return the active inspectors of the area that visits, by user name, each with what stands against them."""
    users = list(inspectors_for(assessment, kind, day).filter(is_active=True))
    against = _conflicts_of(users, assessment, kind, day)
    return [(user, against[user.pk]) for user in users]


def candidates(assessment: Assessment, kind: str, day: date) -> list[User]:
    """Return the inspectors without a conflict for a visit of `kind` on `day`, by user name."""
    return [user for user, against in team_choices(assessment, kind, day) if not against]
