"""A team is assigned, rates what it found, and files once."""

import hashlib
import json
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from creation import clock, scoring, stages
from creation.actions.files import admit, points_of, write_versioned
from creation.actions.moves import move
from creation.errors import Overtaken, Refused
from creation.models import Appointment, Assessment, Indicator, User
from creation.rules import require
from reviews.models import Finding, Inspection, Rating, TeamMember, Veto

RATING_STAGE = {"inspection": stages.UNDER_INSPECTION, "spot_check": stages.UNDER_SPOT_CHECK}
STEP_OF_VERDICT = {
    ("inspection", True): "pass",
    ("inspection", False): "fail",
    ("spot_check", True): "confirm",
    ("spot_check", False): "overturn",
}


@transaction.atomic
def assign(assessment: Assessment, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    """Send a team to the organ and return the visit; the file moves under inspection.

    Refused for a team that is too small, without its lead, outside the window of inspection, or with anybody who
    has a conflict of interest (named in the message).
    """
    require(by, "file.assign", assessment)
    first, last = assessment.cycle.window("inspection")
    if not first <= visit_on <= last:
        raise Refused(
            _("The visit must lie in the window of inspection, %(first)s to %(last)s.")
            % {"first": first.isoformat(), "last": last.isoformat()},
            field="visit_on",
        )
    inspection = _send_team(assessment, "inspection", team=team, lead=lead, visit_on=visit_on, by=by)
    move(assessment, "assign", by=by)
    return inspection


@transaction.atomic
def assign_spot_check(assessment: Assessment, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    """Send the superior's own team to a drawn organ and return the visit; refused for anybody of the first team."""
    require(by, "spot_check.assign", assessment)
    if assessment.stage != stages.UNDER_SPOT_CHECK:
        raise Refused(_("The file has not been drawn for the spot check."))
    return _send_team(assessment, "spot_check", team=team, lead=lead, visit_on=visit_on, by=by)


def _send_team(assessment: Assessment, kind: str, *, team: list[User], lead: User, visit_on: date, by) -> Inspection:
    if len(set(team)) < assessment.cycle.team_size:
        raise Refused(
            _("A team needs at least %(number)s people.") % {"number": assessment.cycle.team_size}, field="team"
        )
    if lead not in team:
        raise Refused(_("The lead must be on the team."), field="lead")
    _refuse_conflicts(assessment, kind, team, visit_on)
    try:
        with transaction.atomic():
            inspection = Inspection.objects.create(
                assessment=assessment, kind=kind, visit_on=visit_on, lead=lead, assigned_by=by, assigned_at=clock.now()
            )
    except IntegrityError as error:
        raise Overtaken(_("A team has been assigned already.")) from error
    TeamMember.objects.bulk_create(TeamMember(inspection=inspection, user=user) for user in team)
    admit(assessment, team)
    return inspection


def _refuse_conflicts(assessment: Assessment, kind: str, team: list[User], *days: date) -> None:
    against = [_conflicts_of(team, assessment, kind, day) for day in days]
    problems = [
        (str(user), why) for user in team for why in dict.fromkeys(why for found in against for why in found[user.pk])
    ]
    if problems:
        raise Refused(_("Not everybody can be on this team."), problems=problems, field="team")


def conflicts(user: User, assessment: Assessment, kind: str, day: date) -> list[str]:
    """Return why the person cannot be on a visit of `kind` to the organ on `day`; empty when nothing stands against it.

    Nobody who works or, within the cycle's years of conflict, worked at the organ; only inspectors of the area that
    visits (a department's own file goes to inspectors of another region); nobody of the first team on a spot check.
    """
    return _conflicts_of([user], assessment, kind, day)[user.pk]


def _conflicts_of(users: list[User], assessment: Assessment, kind: str, day: date) -> dict[int, list[str]]:
    """Return the conflicts of several people by their id, in as many statements as for one."""
    of_organ = Appointment.objects.filter(organ=assessment.organ_id, user__in=users, starts_on__lte=day)
    since = _years_before(day, assessment.cycle.conflict_years)
    worked = set(of_organ.exclude(ends_on__lt=since).values_list("user_id", flat=True))
    inspectors = set(inspectors_for(assessment, kind, day).values_list("pk", flat=True))
    first_team = TeamMember.objects.filter(inspection__assessment=assessment, inspection__kind="inspection")
    seen = set(first_team.values_list("user_id", flat=True)) if kind == "spot_check" else set()
    reasons = (
        (lambda pk: pk in worked, _("works or recently worked at the organ")),
        (lambda pk: pk not in inspectors, _("is not an inspector of the area that visits")),
        (lambda pk: pk in seen, _("was on the first team")),
    )
    return {user.pk: [why for stands, why in reasons if stands(user.pk)] for user in users}


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


def hold_for_rating(inspection: Inspection) -> Inspection:
    """Lock the visit's row until the end of the transaction and return it fresh; refused once it has been filed."""
    held = Inspection.objects.select_for_update().get(pk=inspection.pk)
    if held.is_filed:
        raise Refused(_("This visit has been filed and can no longer be changed."))
    stage = Assessment.objects.values_list("stage", flat=True).get(pk=held.assessment_id)
    if stage != RATING_STAGE[held.kind]:
        raise Refused(
            _("Nothing can be recorded while the file stands at “%(stage)s”.") % {"stage": stages.LABELS[stage]}
        )
    return held


@transaction.atomic
def save_rating(
    inspection: Inspection,
    indicator: Indicator,
    *,
    by,
    found: dict | None,
    not_applicable: bool = False,
    remark: str = "",
    version: int = 0,
) -> Rating:
    """Keep what the team found for one indicator and return the rating with its points.

    `version` is what the writer had seen (0: nothing yet): `Overtaken` when a colleague saved in between.
    """
    require(by, "inspection.rate", inspection)
    hold_for_rating(inspection)
    points = points_of(indicator, scoring.Found(found, not_applicable))
    values = {
        "found": found,
        "not_applicable": not_applicable,
        "remark": remark,
        "points": points,
        "saved_by": by,
        "saved_at": clock.now(),
    }
    return write_versioned(Rating.objects, {"inspection": inspection, "indicator": indicator}, values, version)


@transaction.atomic
def record_veto(inspection: Inspection, *, kind: str, reason: str, by) -> Veto:
    """Record a fact that forbids recognition whatever the points, and return it; refused without a reason."""
    require(by, "inspection.rate", inspection)
    hold_for_rating(inspection)
    if not reason.strip():
        raise Refused(_("Give a reason."), field="reason")
    try:
        with transaction.atomic():
            return Veto.objects.create(inspection=inspection, kind=kind, reason=reason, by=by, at=clock.now())
    except IntegrityError as error:
        raise Refused(_("This veto is recorded already."), field="kind") from error


@transaction.atomic
def take_back_veto(veto: Veto, *, by) -> None:
    """Take a veto back that was recorded by mistake; possible until the visit is filed."""
    require(by, "inspection.rate", veto.inspection)
    hold_for_rating(veto.inspection)
    veto.delete()


@transaction.atomic
def file_inspection(inspection: Inspection, *, by, statement: str = "") -> Inspection:
    """File the visit and return it frozen; its own scores decide where the file goes (pass, fail, confirm, overturn).

    Refused while an indicator is not rated, a finding is not accepted although the scores pass, somebody of the team
    has a conflict of interest by now, and for an overturning spot check without a reason.
    """
    require(by, "inspection.file", inspection)
    held = hold_for_rating(inspection)
    result = held.result()
    if result.missing:
        raise Refused(
            _("Not every indicator has been rated."), problems=[(code, _("Not rated yet")) for code in result.missing]
        )
    team = [member.user for member in held.members.select_related("user")]
    _refuse_conflicts(held.assessment, held.kind, team, held.visit_on, clock.today())
    if result.passed and held.findings.exclude(state=Finding.State.ACCEPTED).exists():
        raise Refused(_("There are findings that have not been accepted: require rectification first."))
    if held.is_spot_check and not result.passed and not statement.strip():
        raise Refused(_("Give the reasons for overturning the inspection."), field="statement")
    _freeze(held, result, by=by, statement=statement)
    move(held.assessment, STEP_OF_VERDICT[held.kind, result.passed], by=by, note=statement)
    return held


def _freeze(held: Inspection, result: scoring.Result, *, by, statement: str) -> None:
    content = content_of(held, result)
    held.filed_at, held.filed_by, held.passed, held.statement = clock.now(), by, result.passed, statement
    held.total, held.content = result.total_shown, content
    held.sha256 = hashlib.sha256(content.encode()).hexdigest()
    held.save(update_fields=["filed_at", "filed_by", "passed", "statement", "total", "content", "sha256"])


def content_of(inspection: Inspection, result: scoring.Result) -> str:
    """Return what the visit says as canonical JSON: the text whose SHA-256 is kept with it."""
    content = {
        "file": inspection.assessment_id,
        "kind": inspection.kind,
        "visit_on": inspection.visit_on.isoformat(),
        "team": sorted(inspection.members.values_list("user__username", flat=True)),
        "total": str(result.total_shown),
        "passed": result.passed,
        "unmet_gates": list(result.unmet_gates),
        "vetoes": list(result.vetoes),
        "ratings": [
            {
                "indicator": rating.indicator.code,
                "found": rating.found,
                "not_applicable": rating.not_applicable,
                "points": None if rating.points is None else str(rating.points),
                "remark": rating.remark,
            }
            for rating in inspection.ratings.select_related("indicator")
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
