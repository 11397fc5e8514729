"""Who hears of what others say: teams, the organ of a finding, whoever draws or decides.

Every occasion names its subject: a step of the way of a file its file, a finding the finding, and so on. The list
under a button and the messages of the verb behind it both come from `hears`. Who objected is never read here.
"""

from collections.abc import Callable, Iterable

from creation import clock, recipients
from creation.models import AT_ORGAN, Appointment, Assessment, Recognition, Region, User
from creation.recipients import Heard, holders, officials_of, once, posts_of_organs
from creation.rules import may
from creation.stages import CLERK, INSPECTOR, LEAD, MUNICIPALITY, OFFICIAL, SIGNATORY, SUPERIOR
from reviews.models import Finding, Inspection, Notice, Objection, Pool, PoolMember, RecheckItem, RevocationCase


def hears(occasion: str, subject, *, by) -> list[Heard]:
    """Return who hears of the occasion when `by` brings it about, each person once; never `by`.

    `occasion` is a step of `stages.STEPS` with its file, or a name of `OCCASIONS` with what it is about.
    """
    if occasion in OCCASIONS:
        return once(OCCASIONS[occasion](subject), but=by)
    return once([*recipients.hears(occasion, subject, by=by), *of_visit(occasion, subject)], but=by)


def of_visit(step: str, file: Assessment) -> list[Heard]:
    """Return who of a team hears of a step of the file, besides those of creation/recipients.py."""
    if step != "rectified":
        return []
    visit = file.inspections.filter(kind=Inspection.Kind.INSPECTION).select_related("lead").first()
    return [Heard(visit.lead, LEAD, "to_file")] if visit and visit.lead.is_active else []


def team_hears(people: Iterable[User], kind: str = "on_team") -> list[Heard]:
    """Return the people of a team as those who hear of their visit."""
    return [Heard(user, INSPECTOR, kind) for user in people if user.is_active]


def team_of(visit: Inspection) -> list[User]:
    """Return the people of the visit's team, by their order on it."""
    return [member.user for member in visit.members.select_related("user")]


def going_of(item: RecheckItem) -> list[User]:
    """Return the people who are sent to an organ in a recheck, by their order on the team."""
    return [member.user for member in item.members.select_related("user")]


def _clerks(finding: Finding, kind: str) -> list[Heard]:
    return [Heard(user, role, kind) for user, role in holders(finding.inspection.assessment, [CLERK])]


def _raised(finding: Finding) -> list[Heard]:
    """What is put right on the spot needs no message; and a drawn organ hears nothing of a spot check."""
    return _raised_on(finding.inspection) if finding.kind == Finding.Kind.BY_DEADLINE else []


def _raised_on(visit: Inspection) -> list[Heard]:
    clerks = [] if visit.is_spot_check else holders(visit.assessment, [CLERK])
    return [Heard(user, role, "finding_raised") for user, role in clerks]


def _answered(finding: Finding) -> list[Heard]:
    return team_hears(team_of(finding.inspection), "finding_answered")


def _deciding(objection: Objection, kind: str) -> list[Heard]:
    listing = objection.listing
    of_organ = {user.pk for user, _role in holders(listing.assessment, [CLERK, SIGNATORY])}
    officials = officials_of(listing.notice.region_id, MUNICIPALITY)
    return [Heard(user, role, kind) for user, role in officials if user.pk not in of_organ]


def _organ_of(objection: Objection, kind: str) -> list[Heard]:
    return [Heard(user, role, kind) for user, role in holders(objection.listing.assessment, [CLERK, SIGNATORY])]


def _objected(objection: Objection) -> list[Heard]:
    return [*_deciding(objection, "objection_to_decide"), *_organ_of(objection, "objection_to_answer")]


def _who_draw(pool: Pool, kind: str) -> list[Heard]:
    """Where nobody of the superior works in the portal, the municipality records its letter."""
    people = officials_of(pool.region_id, SUPERIOR) or officials_of(pool.cycle.region_id, MUNICIPALITY)
    return [Heard(user, role, kind) for user, role in people]


def _pool_closed(pool: Pool) -> list[Heard]:
    return _who_draw(pool, "recheck_pool_closed" if pool.is_recheck else "pool_closed")


def _drawn(pool: Pool) -> list[Heard]:
    """Return who sends teams to what was drawn, and who puts the rest on a notice.

    A drawn organ is not told, and so nobody who works at an organ of the pool and does not read its draw yet.
    """
    if pool.is_recheck:
        heard = _who_draw(pool, "recheck_drawn")
    else:
        publicise = [Heard(user, role, "drawn") for user, role in officials_of(pool.cycle.region_id, MUNICIPALITY)]
        heard = [*_who_draw(pool, "drawn"), *publicise]
    return [one for one in heard if may(one.user, "pool.read_draw", pool)]


def _may_approve(notice: Notice) -> list[Heard]:
    """Return the officials who may approve a notice: whoever neither wrote nor handed it in."""
    officials = officials_of(notice.region_id, MUNICIPALITY)
    authors = notice.author_ids()
    return [Heard(user, role, "notice_to_approve") for user, role in officials if user.pk not in authors]


def _authors(notice: Notice, kind: str) -> list[Heard]:
    people = User.objects.filter(pk__in=notice.author_ids(), is_active=True).order_by("username")
    return [Heard(user, MUNICIPALITY, kind) for user in people]


def _stopped(notice: Notice) -> list[Heard]:
    approver = [notice.approved_by] if notice.approved_by and notice.approved_by.is_active else []
    return [*_authors(notice, "notice_stopped"), *(Heard(user, MUNICIPALITY, "notice_stopped") for user in approver)]


def municipality_of(title: Recognition) -> Region:
    """Return the municipality that decides on a title: that of its file's round, else the nearest one above."""
    if title.assessment_id:
        return title.assessment.cycle.region
    region = title.organ.region
    while region.kind == Region.Kind.DISTRICT and region.parent_id:
        region = region.parent
    return region


def _staff_of(title: Recognition, kind: str) -> list[Heard]:
    """Return clerks and signatories of the organ that holds a title, with or without a file."""
    posts = {role: posts_of_organs({title.organ_id}, role) for role in (CLERK, SIGNATORY)}
    return [Heard(user, role, kind) for role, found in posts.items() for user in found.get(title.organ_id, ())]


def _deciding_on(case: RevocationCase, kind: str) -> list[Heard]:
    title = case.recognition
    of_organ = {one.user.pk for one in _staff_of(title, kind)}
    officials = officials_of(municipality_of(title).pk, MUNICIPALITY)
    return [Heard(user, role, kind) for user, role in officials if user.pk not in of_organ]


def _of_regions_below(region: Region, kind: str) -> list[Heard]:
    """Return the officials of the regions directly below, in one statement."""
    posts = Appointment.objects.on(clock.today()).filter(role="official", region__parent=region, user__is_active=True)
    return [Heard(post.user, OFFICIAL, kind) for post in posts.select_related("user").order_by("user__username", "id")]


def _department_of(item: RecheckItem, kind: str) -> list[Heard]:
    """Return the officials who conclude on an organ in a recheck, those of its own organ left out."""
    title = item.recognition
    of_organ = {one.user.pk for one in _staff_of(title, kind)}
    officials = officials_of(item.round.cycle.region_id, MUNICIPALITY)
    return [Heard(user, role, kind) for user, role in officials if user.pk not in of_organ]


def _sample_changed(change: tuple[PoolMember, PoolMember | None]) -> list[Heard]:
    """Return who hears that a member joins the sample, in the place of another one if there is one.

    The organs hear of it once it is published.
    """
    member, replaced = change
    if member.pool.is_recheck:
        team = team_hears(going_of(replaced.recheck_item) if replaced else [], "off_team")
        return [*_drawn(member.pool), *team]
    heard = recipients.hears("draw_in", member.assessment, by=None)
    if replaced is None:
        return heard
    cleared = recipients.hears("excuse", replaced.assessment, by=None)
    planned = replaced.assessment.inspections.filter(kind=Inspection.Kind.SPOT_CHECK).first()
    return [
        *heard,
        *(one for one in cleared if one.role not in AT_ORGAN),
        *(team_hears(team_of(planned), "off_team") if planned else []),
    ]


OCCASIONS: dict[str, Callable[..., list[Heard]]] = {
    "raise_finding": _raised,
    "raise_by_deadline": _raised_on,
    "answer_finding": _answered,
    "return_finding": lambda finding: _clerks(finding, "finding_returned"),
    "accept_finding": lambda finding: _clerks(finding, "finding_accepted"),
    "object": _objected,
    "hear": lambda objection: _deciding(objection, "objection_heard"),
    "propose_decision": lambda objection: _deciding(objection, "decision_to_confirm"),
    "give_back_decision": lambda objection: _deciding(objection, "decision_given_back"),
    "dismiss": lambda objection: _organ_of(objection, "objection_dismissed"),
    "hand_in_notice": _may_approve,
    "give_back_notice": lambda notice: _authors(notice, "notice_returned"),
    "approve_notice": lambda notice: _authors(notice, "notice_approved"),
    "publish_notice": lambda notice: _authors(notice, "notice_published"),
    "stop_notice": _stopped,
    "close_pool": _pool_closed,
    "draw": _drawn,
    "extend_draw": _sample_changed,
    # who goes so far: each hears of it where somebody else goes in their place, or on another day
    "change_team": lambda visit: team_hears(team_of(visit), "off_team"),
    "change_recheck_team": lambda item: team_hears(going_of(item), "off_team"),
    "recheck_visited": lambda item: _department_of(item, "recheck_visited"),
    "recheck_rectified": lambda item: _department_of(item, "recheck_rectified"),
    "recheck_keep": lambda item: _staff_of(item.recognition, "recheck_kept"),
    "recheck_rectify": lambda item: _staff_of(item.recognition, "recheck_to_rectify"),
    "recheck_accepted": lambda item: _staff_of(item.recognition, "recheck_accepted"),
    "recheck_revoke": lambda item: _staff_of(item.recognition, "case_opened"),
    "open_case": lambda title: _staff_of(title, "case_opened"),
    "answer_case": lambda case: _deciding_on(case, "case_answered"),
    "propose_case": lambda case: _deciding_on(case, "case_to_decide"),
    "kept_title": lambda case: _staff_of(case.recognition, "title_kept"),
    "revoked_title": lambda case: _staff_of(case.recognition, "title_revoked"),
    "announce_rates": lambda region: _of_regions_below(region, "rates_announced"),
}
