"""Who may do what on the others' side, and who may read which points when.

Blindness is a rule like any other: whoever still has a visit to file on a file sees nobody else's points on it.
"""

import rules
from django.db.models import Q

from creation import clock, stages
from creation.querysets import SEES_FILES, SEES_REGISTER
from creation.rules import (
    is_clerk,
    is_in_reach,
    is_municipal_official,
    is_official_of_cycle,
    is_official_of_department,
    is_official_of_region,
    is_official_over_region,
    is_signatory,
    noted,
)
from creation.together import is_read


def _has_open_visit(user, file) -> bool:
    known = noted(user, file, "open_visit")
    if known is not None:
        return known
    return user.visits.filter(inspection__assessment=file, inspection__filed_at=None).exists()


def _still_rates_blind(user, file) -> bool:
    """Tell whether the person has a visit to file on the file whose own points are not finished.

    A spot check has no such moment before its filing: it never sees anybody else's points on the way.
    """
    known = noted(user, file, "rates_blind")
    if known is not None:
        return known
    compares = {"inspection__kind": "inspection", "inspection__own_points_at__isnull": False}
    waiting = user.visits.filter(inspection__assessment=file, inspection__filed_at=None)
    return waiting.exclude(pk__in=user.visits.filter(**compares).values("pk")).exists()


@rules.predicate
def is_on_team(user, inspection) -> bool:
    """Tell whether the person is on the visit's team, and an inspector today."""
    return "inspector" in user.roles and _is_member(user, inspection)


def _is_member(user, inspection) -> bool:
    if is_read(inspection, "members"):
        return any(member.user_id == user.pk for member in inspection.members.all())
    return inspection.members.filter(user=user).exists()


@rules.predicate
def is_lead(user, inspection) -> bool:
    """Tell whether the person leads the visit, and is an inspector today."""
    return "inspector" in user.roles and inspection.lead_id == user.pk


@rules.predicate
def had_it_on_a_phone(user, inspection) -> bool:
    """Tell whether a phone of the person held the visit ready: what was recorded on it is taken, into quarantine."""
    return inspection.phones.filter(user=user).exists()


@rules.predicate
def is_department_of_visit(user, inspection) -> bool:
    """Tell whether the person is an official of the department that sends the team."""
    file = inspection.assessment
    return bool(
        is_official_of_superior(user, file) if inspection.is_spot_check else is_official_of_department(user, file)
    )


@rules.predicate
def is_staff_of_inspected(user, finding) -> bool:
    """Tell whether the person is clerk or signatory of the organ where the finding was made."""
    file = finding.inspection.assessment
    return bool(is_clerk(user, file) or is_signatory(user, file))


@rules.predicate
def is_staff_of_visited(user, inspection) -> bool:
    """Tell whether the person is clerk or signatory of the organ that is visited."""
    return bool(is_clerk(user, inspection.assessment) or is_signatory(user, inspection.assessment))


@rules.predicate
def is_on_team_of_finding(user, finding) -> bool:
    """Tell whether the person is on the team that made the finding."""
    return bool(is_on_team(user, finding.inspection))


@rules.predicate
def is_official_of_superior(user, file) -> bool:
    """Tell whether the person is an official of the region above the organ's own."""
    return user.holds("official", region_id=file.organ.region.parent_id) if file.organ.region.parent_id else False


@rules.predicate
def is_over_file(user, file) -> bool:
    """Tell whether the file lies in a region where the person is official, viewer or registrar."""
    return user.covers(file.organ.region_id, *SEES_FILES)


@rules.predicate
def is_told_of_draw(user, file) -> bool:
    """Tell whether the person may know what the draw did to the file: the organ's staff not before it is published."""
    return not (file.is_withheld_from(user) and file.told_stage == stages.INSPECTED)


@rules.predicate
def is_told_of_last_step(user, file) -> bool:
    """Tell whether nothing that happened to the file is kept from the person, as it is from the organ's own staff."""
    return not file.is_withheld_from(user)


@rules.predicate
def is_official_of_pool(user, pool) -> bool:
    """Tell whether the person is an official of the superior department that draws from the pool."""
    return user.holds("official", region_id=pool.region_id)


@rules.predicate
def is_recorder_of_pool(user, pool) -> bool:
    """Tell whether the person may record the letter of a superior above the municipality that runs the cycle."""
    return pool.region_id == pool.cycle.region.parent_id and user.holds("official", region_id=pool.cycle.region_id)


@rules.predicate
def is_staff_of_pool(user, pool) -> bool:
    """Tell whether the person is clerk or signatory of an organ in the pool, which is not told before the public is."""
    return type(pool).objects.with_organs_of(user).filter(pk=pool.pk).exists()


@rules.predicate
def has_colleague_for_pool(user, pool) -> bool:
    """Tell whether the department has another official today who works at no organ of the pool."""
    places = [pool.region_id] if is_official_of_pool(user, pool) else []
    places += [pool.cycle.region_id] if is_recorder_of_pool(user, pool) else []
    posts = user.appointments.model.objects.on(clock.today())
    of_file = Q(organ__in=pool.members.values("assessment__organ"))
    of_title = Q(organ__in=pool.members.values("recheck_item__recognition__organ"))
    involved = posts.filter(of_file | of_title).values("user")
    officials = posts.filter(role="official", region__in=places, user__is_active=True)
    return officials.exclude(user=user.pk).exclude(user__in=involved).exists()


@rules.predicate
def hears_of_draw(user, file) -> bool:
    """Tell whether the person hears what a draw does to the file: nobody who does not read the draw of its pool."""
    member = getattr(file, "pool_member", None)
    return member is None or rules.has_perm("pool.read_draw", user, member.pool)


# whoever works at an organ of the pool draws only where nobody else of the department can
acts_on_pool = ~is_staff_of_pool | ~has_colleague_for_pool


@rules.predicate
def is_recorder_of_file(user, file) -> bool:
    """Tell whether the person may record the superior's result on a municipal organ's file from a letter."""
    return file.organ.region_id == file.cycle.region_id and user.holds("official", region_id=file.cycle.region_id)


@rules.predicate
def is_deciding_official(user, objection) -> bool:
    """Tell whether the person decides on the objection: an official of the municipality, not of the organ itself."""
    listing = objection.listing
    return (
        user.holds("official", region_id=listing.notice.region_id)
        and listing.assessment.organ_id not in user.organ_ids()
    )


@rules.predicate
def did_not_propose(user, objection) -> bool:
    """Tell whether somebody else proposed the decision that waits, if one does."""
    return objection.proposed_by_id != user.pk


@rules.predicate
def is_staff_of_listed(user, objection) -> bool:
    """Tell whether the person is clerk or signatory of the organ that the objection is about."""
    return objection.listing.assessment.organ_id in user.organ_ids()


@rules.predicate
def is_official_of_municipality(user, recognition) -> bool:
    """Tell whether the person is an official of the organ's municipality or above."""
    return bool(is_municipal_official(user, None)) and user.covers(recognition.organ.region_id, "official")


@rules.predicate
def is_staff_of_titled(user, recognition) -> bool:
    """Tell whether the person is clerk or signatory of the organ that holds the title."""
    return recognition.organ_id in user.organ_ids()


@rules.predicate
def is_over_titled(user, recognition) -> bool:
    """Tell whether the titled organ lies in a region where the person is official, viewer or registrar."""
    return user.covers(recognition.organ.region_id, *SEES_FILES)


@rules.predicate
def is_official_of_case(user, case) -> bool:
    """Tell whether the person decides on the case: an official of the municipality or above, not of the organ."""
    title = case.recognition
    return bool(is_official_of_municipality(user, title)) and not is_staff_of_titled(user, title)


@rules.predicate
def is_staff_of_case(user, case) -> bool:
    """Tell whether the person is clerk or signatory of the organ that the case is about."""
    return bool(is_staff_of_titled(user, case.recognition))


@rules.predicate
def is_official_of_recheck(user, recheck) -> bool:
    """Tell whether the person is an official of the municipality that runs the recheck."""
    return user.holds("official", region_id=recheck.cycle.region_id)


@rules.predicate
def is_staff_of_rechecked(user, item) -> bool:
    """Tell whether the person is clerk or signatory of the organ that is rechecked."""
    return bool(is_staff_of_titled(user, item.recognition))


@rules.predicate
def is_official_of_rechecked(user, item) -> bool:
    """Tell whether the person is an official of the organ's own department or of the municipality."""
    places = (item.recognition.organ.region_id, item.round.cycle.region_id)
    return any(user.holds("official", region_id=place) for place in places)


@rules.predicate
def is_municipal_official_of_item(user, item) -> bool:
    """Tell whether the person is an official of the municipality that runs the item's recheck."""
    return bool(is_official_of_recheck(user, item.round))


@rules.predicate
def is_recheck_visitor(user, item) -> bool:
    """Tell whether the person is sent to the organ for the recheck, and an inspector today."""
    return "inspector" in user.roles and item.members.filter(user=user).exists()


@rules.predicate
def is_official(user, _subject) -> bool:
    """Tell whether the person is an official anywhere."""
    return "official" in user.roles


@rules.predicate
def is_official_above(user, region) -> bool:
    """Tell whether the region, if there is one, lies at or below one where the person is an official."""
    return region is None or user.covers(region.pk, "official")


@rules.predicate
def may_read_self_points(user, file) -> bool:
    """Tell whether the organ's own points may be shown: in a blind cycle not before an inspector finished their own."""
    return not (file.cycle.blind and _still_rates_blind(user, file))


@rules.predicate
def may_read_ratings(user, inspection) -> bool:
    """Tell whether a visit's ratings may be shown: to its team always, to others once filed and unless blind."""
    if is_on_team(user, inspection):
        return True
    file = inspection.assessment
    if not inspection.is_filed or _has_open_visit(user, file):
        return False
    return bool(is_clerk(user, file) or is_signatory(user, file) or is_in_reach(user, file))


@rules.predicate
def reads_a_region(user, _subject) -> bool:
    """Tell whether the person reads the register of some region."""
    return bool(user.region_ids(*SEES_REGISTER))


@rules.predicate
def is_owner(user, row) -> bool:
    """Tell whether the row belongs to the person."""
    return row.owner_id == user.pk


PERMISSIONS = {
    "file.assign": is_official_of_department,
    "files.remind": is_official_over_region,
    "file.read_self_points": (is_clerk | is_signatory | is_in_reach) & may_read_self_points,
    "inspection.rate": is_on_team,
    "inspection.file": is_lead,
    "phone.send": is_on_team | had_it_on_a_phone,
    "phone.read_ledger": is_on_team | is_department_of_visit,
    "inspection.read_ratings": may_read_ratings,
    "visit.state": is_staff_of_visited,
    "finding.answer": is_staff_of_inspected,
    "finding.accept": is_on_team_of_finding,
    "pool.close": is_official_of_pool | is_recorder_of_pool,
    "pool.draw": is_official_of_pool & acts_on_pool,
    "pool.record_letter": is_recorder_of_pool & acts_on_pool,
    "pool.publish": (is_official_of_pool | is_recorder_of_pool) & acts_on_pool,
    "pool.read_draw": ~is_staff_of_pool | ((is_official_of_pool | is_recorder_of_pool) & acts_on_pool),
    "file.read_draw": is_told_of_draw,
    "file.hear_of_draw": hears_of_draw,
    "spot_check.assign": is_official_of_superior & is_told_of_last_step,
    "spot_check.record_letter": is_recorder_of_file & is_told_of_last_step,
    "spot_check.read_letter": is_clerk | is_signatory | is_over_file,
    "notice.manage": is_official_of_cycle,
    "objection.decide": is_deciding_official,
    "objection.confirm": is_deciding_official & did_not_propose,
    "objection.answer": is_staff_of_listed,
    "objection.read_answer": is_deciding_official | is_staff_of_listed,
    "recognition.revoke": is_official_of_municipality & ~is_staff_of_titled,
    "revocation.answer": is_staff_of_case,
    "revocation.decide": is_official_of_case,
    "recheck.open": is_municipal_official,
    "recheck.manage": is_official_of_recheck,
    "recheck.report": is_staff_of_rechecked,
    "recheck.review": is_official_of_rechecked & ~is_staff_of_rechecked,
    "recheck.conclude": is_municipal_official_of_item & ~is_staff_of_rechecked,
    "recheck.visit": is_recheck_visitor,
    "sheet.read": is_staff_of_titled | is_over_titled,
    "sheet.issue": is_official_of_municipality,
    "calendar.enter": is_municipal_official,
    "deviation.read": is_official,
    "target.set": is_municipal_official & is_official_above,
    "archive.manage": is_official_of_cycle,
    "webhook.manage": reads_a_region,
    "webhook.stop": is_owner,
    "rates.announce": is_municipal_official & is_official_of_region,
}
for _name, _predicate in PERMISSIONS.items():
    rules.add_perm(_name, _predicate)
