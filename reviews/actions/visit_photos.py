"""Photos that the team takes at an item, brought in through a page; those of phones come through `photos`."""

from uuid import uuid4

from django.db import transaction

from creation import clock
from creation.actions.evidence import store
from creation.models import Evidence, Indicator
from creation.rules import require
from reviews.actions.inspections import hold_for_rating
from reviews.models import Inspection, VisitPhoto


def lay_down(
    photos, inspection: Inspection, *, by, permission: str = "inspection.rate", subject=None
) -> list[Evidence]:
    """Write photos to the disk ahead of the verb that keeps them, and return them for it.

    A page calls this before its transaction begins, so that nobody waits for the disk of another. The right is the
    verb's own. Of a visit that has been filed nothing is written: the verb refuses.
    """
    require(by, permission, subject or inspection)
    if inspection.is_filed:
        return []
    organ = inspection.assessment.organ
    return [store(organ, photo, purpose=Evidence.Purpose.PHOTO, by=by) for photo in photos]


def keep_item_photos(inspection: Inspection, indicator: Indicator, *, by, photos) -> list[VisitPhoto]:
    """Keep photos taken at an item and return them; the same picture at the same item is kept once.

    The time is that of their arrival: a page does not know when they were taken. Refused once nothing is recorded any
    more on the visit.
    """
    require(by, "inspection.rate", inspection)
    organ = inspection.assessment.organ
    stored = [store(organ, photo, purpose=Evidence.Purpose.PHOTO, by=by) for photo in photos]
    with transaction.atomic():
        held = hold_for_rating(inspection, "inspection.rate", by=by)
        known = set(held.photos.filter(indicator=indicator).values_list("evidence_id", flat=True))
        now = clock.now()
        rows = [
            VisitPhoto(
                inspection=held,
                indicator=indicator,
                evidence=evidence,
                key=uuid4(),
                sha256=evidence.sha256,
                taken_at=now,
                by=by,
                received_at=now,
            )
            for evidence in dict.fromkeys(stored)
            if evidence.pk not in known
        ]
        return VisitPhoto.objects.bulk_create(rows)
