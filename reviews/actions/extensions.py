"""What happens to a sample after its draw: the next in the order joins it, one more or in the place of another.

Nobody is chosen and nobody is skipped: a larger sample begins with the smaller one. Each extension is published apart
from the draw, as a drawn organ is not warned before the department says so.
"""

from functools import reduce
from operator import or_

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock, stages
from creation.actions.events import record
from creation.actions.moves import announce, move
from creation.errors import Overtaken, Refused
from creation.models import Assessment, StageChange
from creation.rules import require
from reviews import sampling
from reviews.actions.draws import note_own_organ, verified_members
from reviews.actions.teams import as_event
from reviews.actions.tellings import tell_of_called_off, tell_of_extension, tell_recheck_called_off
from reviews.models import Draw, Extension, ExtensionPublication, Inspection, PoolMember, RecheckItem
from reviews.recipients import team_of

# what shows that a team has begun its visit, or carries it on a phone
_RECORDED = ("ratings", "findings", "vetoes", "photos", "signatures", "statements", "phones", "phone_records")
_HAS_BEGUN = gettext_lazy("The visit to this organ has begun; it can no longer be replaced.")
_BEGUN = reduce(or_, (Q(**{f"{name}__isnull": False}) for name in _RECORDED), Q(filed_at__isnull=False))


@transaction.atomic
def extend_draw(
    draw: Draw, *, stratum: str, reason: str, replaces: PoolMember | None = None, expected: str = "", by
) -> Extension:
    """Draw the next of the stratum's order, one more or in the place of `replaces`, and return the extension.

    Its file goes to the spot check; that of the replaced one is cleared, and a visit that was only planned is called
    off. The draw of a recheck moves no file. `expected` is the key that the person saw as the next one: where another
    has become it meanwhile, nothing is drawn. Refused without a reason, for a list from a letter, where nobody is left
    in the stratum or the next one already stands on a notice (nobody is skipped), and for replacing somebody who is
    not in the sample or whose visit has begun.
    """
    pool = draw.pool
    require(by, "pool.draw", pool)
    if draw.source == Draw.Source.LETTER:
        raise Refused(_("This list comes from the superior's letter. Only another letter changes it."))
    if not reason.strip():
        raise Refused(_("Give a reason."), field="reason")
    member = next_in_order(draw, stratum)
    if expected and member.key != expected:
        raise Overtaken(_("Somebody else drew at this moment; another one is the next now."))
    if replaces is not None:
        _check_in_sample(replaces, member)
    extension = Extension(draw=draw, member=member, replaces=replaces, reason=reason.strip(), by=by, at=clock.now())
    if pool.is_recheck:
        _draw_for_recheck(extension, by=by)
    else:
        _draw_for_spot_check(extension, by=by)
    note_own_organ(pool, "extend", by=by)
    tell_of_extension(extension, by=by)
    return extension


def next_in_order(draw: Draw, stratum: str) -> PoolMember:
    """Return who is drawn next in the stratum, found by drawing again from pool and seed.

    Refused when pool, results or earlier extensions are not what that gives, and when nobody is left.
    """
    pairs, tickets = verified_members(draw.pool)
    order = sampling.ranked(pairs, draw.seed, tickets).get(stratum)
    if order is None:
        raise Refused(_("This region is not in the pool."))
    size = sampling.sample_size(len(order), draw.pool.share, draw.pool.minimum)
    results = draw.results.filter(member__stratum=stratum).order_by("rank").values_list("member__key", "drawn")
    later = draw.extensions.filter(member__stratum=stratum).order_by("pk").values_list("member__key", flat=True)
    end = size + len(later)
    if list(results) != [(key, place < size) for place, key in enumerate(order)] or list(later) != order[size:end]:
        raise Refused(_("The draw is not what its seed gives; nobody is drawn after it."))
    if end == len(order):
        raise Refused(_("Everybody in this region has been drawn; there is nobody next."))
    return draw.pool.members.with_organs().get(key=order[end])


def replaceable_members() -> QuerySet[PoolMember]:
    """Return the members of all samples that can be replaced now: no visit to them has been begun."""
    begun = Inspection.objects.filter(_BEGUN, assessment=OuterRef("assessment"), kind=Inspection.Kind.SPOT_CHECK)
    drawn_file = Q(assessment__stage=stages.UNDER_SPOT_CHECK) & ~Exists(begun)
    drawn_title = Q(recheck_item__isnull=False, recheck_item__site_at__isnull=True, recheck_item__outcome="")
    return PoolMember.objects.to_visit().filter(drawn_file | drawn_title, pool__draw__source=Draw.Source.PORTAL)


def _spot_check_of(file_id: int) -> Inspection | None:
    visits = Inspection.objects.select_for_update(of=("self",)).select_related("assessment__cycle")
    return visits.filter(assessment=file_id, kind=Inspection.Kind.SPOT_CHECK).first()


def _check_in_sample(replaced: PoolMember, member: PoolMember) -> None:
    same = (replaced.pool_id, replaced.stratum) == (member.pool_id, member.stratum)
    if not same or not PoolMember.objects.to_visit().filter(pk=replaced.pk).exists():
        raise Refused(_("Only somebody who stands in the sample of this region can be replaced."))


def _insert(extension: Extension) -> None:
    try:
        with transaction.atomic():
            extension.save(force_insert=True)
    except IntegrityError as error:
        raise Overtaken(_("Somebody else drew at this moment; another one is the next now.")) from error


def _draw_for_spot_check(extension: Extension, *, by) -> None:
    member, replaced = extension.member, extension.replaces
    # a visit that is filed at this moment is held first, too; then its file
    visit = _spot_check_of(replaced.assessment_id) if replaced else None
    files = _held([member, *([replaced] if replaced else [])])
    file = files[member.assessment_id]
    if file.stage != stages.CHECKED or hasattr(file, "listing"):
        raise Refused(
            _(
                "%(organ)s is the next in the order and stands on a notice, or has gone further. Nobody is skipped: "
                "no more can be drawn in this region."
            )
            % {"organ": member.organ}
        )
    _insert(extension)
    move(file, "draw_in", by=by)
    if replaced is not None:
        _excuse(files[replaced.assessment_id], visit, extension.reason, by=by)


def _held(members: list[PoolMember]) -> dict[int, Assessment]:
    # in one order, as whoever publishes a draw holds its files
    held = Assessment.objects.select_for_update(of=("self",)).with_places().order_by("pk")
    return held.in_bulk([member.assessment_id for member in members])


def _excuse(file: Assessment, visit: Inspection | None, reason: str, *, by) -> None:
    visits = file.inspections.filter(kind=Inspection.Kind.SPOT_CHECK)
    if visits.filter(_BEGUN).exists():
        raise Refused(_HAS_BEGUN)
    if visits.first() != visit:
        raise Overtaken(_("A team was sent to this organ at this moment."))
    if visit is not None:
        _call_off(visit, by=by)
    move(file, "excuse", by=by, note=reason)


def _call_off(visit: Inspection, *, by) -> None:
    """Take back a visit that was only planned; who was to go is told and no longer reads the file.

    Refused where anything at all still speaks of the visit, such as a photo that is under way.
    """
    file, team = visit.assessment, team_of(visit)
    event = record("call_off", file, by=by, before=as_event(visit))
    tell_of_called_off(visit, team, event, by=by)
    try:
        with transaction.atomic():
            visit.members.all().delete()
            visit.delete()
    except ProtectedError as error:
        raise Refused(_HAS_BEGUN) from error
    on_other_visits = file.inspections.values("members__user")
    file.readers.filter(user__in=team).exclude(user__in=on_other_visits).delete()


def _draw_for_recheck(extension: Extension, *, by) -> None:
    member, replaced = extension.member, extension.replaces
    # a visit that is filed, or an organ that is concluded, at this moment is held first
    held = RecheckItem.objects.select_for_update(of=("self",)).select_related("round").order_by("pk")
    items = held.in_bulk([one.recheck_item_id for one in (member, replaced) if one])
    item = items[member.recheck_item_id]
    if item.round.closed_at or item.outcome:
        raise Refused(
            _("%(organ)s is the next in the order and has its outcome already; nobody is skipped.")
            % {"organ": extension.member.organ}
        )
    _insert(extension)
    if replaced is None:
        return
    old = items[replaced.recheck_item_id]
    if old.site_at or old.outcome:
        raise Refused(_HAS_BEGUN)
    if old.visit_on is not None:
        _call_off_recheck(old, by=by)


def _call_off_recheck(item: RecheckItem, *, by) -> None:
    """Take back the visit of a recheck that was only planned; who was to go is told."""
    team = [member.user for member in item.members.select_related("user")]
    before = {"team": item.team_names(), "visit_on": item.visit_on.isoformat()}
    event = record("call_off", item, by=by, before=before)
    tell_recheck_called_off(item, team, event, by=by)
    item.members.all().delete()
    item.visit_on = None
    item.save(update_fields=["visit_on"])


@transaction.atomic
def publish_extension(extension: Extension, *, by) -> ExtensionPublication:
    """Let everybody read an extension from now on, and return its publication; twice is once.

    The organs hear of it from now on too. Refused before the draw itself is published, and before an earlier
    extension of the same stratum: nobody could repeat what is published out of its order.
    """
    draw = extension.draw
    require(by, "pool.publish", draw.pool)
    if not hasattr(draw, "publication"):
        raise Refused(_("Publish the draw first."))
    earlier = draw.extensions.filter(
        member__stratum=extension.member.stratum, pk__lt=extension.pk, publication__isnull=True
    )
    if earlier.exists():
        raise Refused(_("Publish first who was drawn before in this region."))
    publication, is_new = ExtensionPublication.objects.get_or_create(
        extension=extension, defaults={"by": by, "at": clock.now()}
    )
    if is_new:
        note_own_organ(draw.pool, "publish_extension", by=by)
    if is_new and not draw.pool.is_recheck:
        announce(_changes_of(extension), by=by)
    return publication


def _changes_of(extension: Extension) -> list[StageChange]:
    moved = [(extension.member, "draw_in"), *([(extension.replaces, "excuse")] if extension.replaces else [])]
    return [member.assessment.changes.filter(step=step).latest("number") for member, step in moved]
