"""In a blind round the team finishes its own points first; then the organ's stand beside them for one change each.

Finishing is offered, not demanded: a visit that is filed without it has been rated without any comparison.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from creation import clock, scoring
from creation.actions.answers import save_found
from creation.actions.events import record
from creation.errors import Overtaken, Refused
from creation.models import Indicator
from reviews.actions.inspections import hold_for_rating, not_everything_rated, refuse_unsettled
from reviews.models import Inspection, Rating


@transaction.atomic
def finish_own_points(inspection: Inspection, *, by) -> Inspection:
    """Close the team's own points and return the visit: from now on the team reads the organ's points beside them.

    By the lead, once. Refused for a spot check (it compares after filing only), in a round that is not blind (there
    is nothing to close), while an item is not rated, and while something that a phone recorded waits to be settled.
    """
    held = hold_for_rating(inspection, "inspection.file", by=by)
    if held.is_spot_check:
        raise Refused(_("A spot check sees the others' points only once it has been filed."))
    if not held.assessment.cycle.blind:
        raise Refused(_("In this round the organ's points are shown from the beginning."))
    if held.own_points_at is not None:
        raise Overtaken(_("The own points have been finished already."))
    refuse_unsettled(held)
    result = held.result()
    if result.missing:
        raise not_everything_rated(held, result)
    now = clock.now()
    open_rows = Inspection.objects.filter(pk=held.pk, own_points_at__isnull=True, filed_at__isnull=True)
    if open_rows.update(own_points_at=now, own_points_by=by) != 1:
        raise Overtaken(_("The own points have been finished already."))
    held.own_points_at, held.own_points_by = now, by
    record("finish_own_points", held, by=by, after={"total": str(result.total_shown)})
    return held


@transaction.atomic
def change_after_comparison(
    inspection: Inspection,
    indicator: Indicator,
    *,
    by,
    found: dict | None,
    reason: str,
    not_applicable: bool = False,
    remark: str = "",
    version: int = 0,
) -> Rating:
    """Change a rating once after the comparison, with a reason, and return it; what stood before stays in its row.

    Refused before the own points are finished, without a reason, for a second change, for an entry that says nothing
    or the same as before. `version` as in `save_rating`.
    """
    held = hold_for_rating(inspection, "inspection.rate", by=by)
    if held.own_points_at is None:
        raise Refused(_("Finish the own points first; until then the item is simply saved again."))
    before = held.ratings.filter(indicator=indicator).first() or Rating()
    if before.changed_at is not None:
        raise Refused(_("This item has been changed after the comparison already; it can be changed once only."))
    if not reason.strip():
        raise Refused(_("Give the reason for the change."), field="reason")
    value = scoring.Found(found, not_applicable)
    if found is None and not not_applicable:
        raise Refused(_("Enter what was found."), field="found")
    if (found, not_applicable) == (before.found, before.not_applicable):
        raise Refused(_("This is what stands there already."), field="found")
    more = {
        "cannot_check": "",
        "first_found": before.found,
        "first_not_applicable": before.not_applicable,
        "first_points": before.points,
        "first_remark": before.remark,
        "change_reason": reason.strip(),
        "changed_by": by,
        "changed_at": clock.now(),
        "writer": None,
    }
    key = {"inspection": held, "indicator": indicator}
    return save_found(Rating.objects, key, value, remark=remark, version=version, by=by, more=more)
