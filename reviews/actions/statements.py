"""The organ is heard on a spot check before it may be overturned: in the portal, or the team takes its words down."""

from django.db import transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.errors import Refused
from reviews.actions.inspections import hold_for_rating
from reviews.models import Inspection, VisitStatement

LONGEST = 4000


@transaction.atomic
def state(inspection: Inspection, *, text: str, by) -> VisitStatement:
    """Keep what the organ's clerk or signatory says to a spot check, and return it; nothing is ever changed or deleted.

    From the day of the visit on, when the team stands in the house: before it nobody of the organ may know of the
    visit. Refused without words, on an inspection, before that day and once the visit has been filed.
    """
    held = _hold(inspection, "visit.state", by=by)
    return _keep(held, text, spoken_by="", by=by)


@transaction.atomic
def take_down_statement(inspection: Inspection, *, text: str, spoken_by: str, by) -> VisitStatement:
    """Keep what the organ's representative told the team, or that there was nothing to say, and return it.

    Refused without words or the name of who spoke, on an inspection, before the day and once the visit has been filed.
    """
    held = _hold(inspection, "inspection.rate", by=by)
    if not spoken_by.strip():
        raise Refused(_("Enter who spoke for the organ."), field="spoken_by")
    return _keep(held, text, spoken_by=spoken_by.strip(), by=by)


def _hold(inspection: Inspection, permission: str, *, by) -> Inspection:
    held = hold_for_rating(inspection, permission, by=by)
    if not held.is_spot_check:
        raise Refused(_("The organ answers the findings of an inspection; it is heard like this on a spot check."))
    if clock.today() < held.visit_on:
        raise Refused(_("The organ is heard from the day of the visit on."))
    return held


def _keep(held: Inspection, text: str, *, spoken_by: str, by) -> VisitStatement:
    words = text.strip()
    if not words or len(words) > LONGEST or "\x00" in words:
        raise Refused(_("Write down what the organ says, or that it had nothing to say."), field="text")
    return VisitStatement.objects.create(inspection=held, text=words, spoken_by=spoken_by, by=by, at=clock.now())
