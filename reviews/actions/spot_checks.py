"""The result of a superior's spot check that was made outside the portal, recorded from its letter."""

from django.db import transaction
from django.utils.translation import gettext as _

from creation.actions.events import record
from creation.actions.evidence import store
from creation.actions.moves import move
from creation.errors import Refused
from creation.models import Assessment, Event, Evidence
from reviews.actions.teams import hold_drawn


@transaction.atomic
def record_result(assessment: Assessment, *, confirmed: bool, letter, letter_number: str, reason: str, by) -> None:
    """Record what the superior's letter says of a drawn municipal organ: confirmed, or overturned with its reason.

    The stage change names the letter. Refused without a document number, for overturning without a reason, and where
    the superior's team was sent through the portal: of both at one moment one wins.
    """
    held = hold_drawn(assessment, "spot_check.record_letter", by=by)
    if held.inspections.filter(kind="spot_check").exists():
        raise Refused(_("The superior's team works in the portal; its own ratings decide."))
    if not letter_number.strip():
        raise Refused(_("Enter the document number of the letter."), field="letter_number")
    if not confirmed and not reason.strip():
        raise Refused(_("Give the reasons for overturning the inspection."), field="reason")
    scan = store(held.organ, letter, purpose=Evidence.Purpose.LETTER, by=by)
    note = _("Recorded from letter %(number)s. %(reason)s") % {"number": letter_number, "reason": reason}
    move(assessment, "confirm" if confirmed else "overturn", by=by, note=note.strip())
    record("record_letter", held, by=by, after={"letter": scan.sha256, "number": letter_number})


def letter_of(assessment: Assessment) -> Evidence | None:
    """Return the scan of the letter that the file's spot check was recorded from, None where no letter decided."""
    told = Event.objects.filter(verb="record_letter", subject_type="assessment", subject_id=assessment.pk).last()
    if told is None:
        return None
    letters = Evidence.objects.filter(organ=assessment.organ_id, purpose=Evidence.Purpose.LETTER)
    return letters.filter(sha256=told.after["letter"]).first()
