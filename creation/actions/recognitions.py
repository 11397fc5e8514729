"""Recognition as a fact: granted, replaced, revoked; each once, each queued for the recount."""

from datetime import date

from django.utils.translation import gettext as _

from creation import clock
from creation.actions.counts import counts_changed
from creation.actions.events import record
from creation.errors import Refused
from creation.models import Assessment, Organ, Recognition


def grant(
    organ: Organ,
    *,
    batch: str,
    document_number: str,
    granted_on: date,
    by,
    assessment: Assessment | None = None,
    valid_until: date | None = None,
) -> Recognition:
    """Write the title of an organ and return it; an earlier title is replaced on the same day.

    Part of the verbs that recognise; call it inside their transaction.
    """
    earlier = Recognition.objects.filter(organ=organ, revoked_on=None, replaced_on=None)
    earlier.filter(granted_on__lte=granted_on).update(replaced_on=granted_on)
    recognition = Recognition.objects.create(
        organ=organ,
        assessment=assessment,
        batch=batch,
        document_number=document_number,
        granted_on=granted_on,
        valid_until=valid_until,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    counts_changed({organ.region_id}, since=granted_on)
    return recognition


def take_back(recognition: Recognition, *, on: date, reason: str, by) -> Recognition:
    """Revoke a title from `on` (the first day without it) and return it; refused when it has been revoked.

    Part of the verb that revokes; call it inside its transaction.
    """
    if not reason.strip():
        raise Refused(_("Give a reason."), field="reason")
    refuse_day(recognition, on)
    changed = Recognition.objects.filter(pk=recognition.pk, revoked_on=None, replaced_on=None).update(
        revoked_on=on, revoke_reason=reason, revoked_by=by
    )
    if changed != 1:
        raise Refused(_("This title has been revoked or replaced already."))
    record("revoke", recognition, by=by, after={"revoked_on": on.isoformat(), "reason": reason})
    counts_changed({recognition.organ.region_id}, since=on)
    recognition.refresh_from_db()
    return recognition


def refuse_day(recognition: Recognition, on: date | None) -> None:
    """Refuse a first day without the title that does not lie between its granting and today."""
    if on is None or on < recognition.granted_on or on > clock.today():
        raise Refused(_("The date must lie between the recognition and today."), field="on")
