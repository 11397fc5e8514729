"""Completion rates are announced to the public: the numbers of one day, kept as they were."""

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from creation import clock
from creation.actions.events import record
from creation.errors import Overtaken, Refused
from creation.models import Region
from creation.rules import require
from reviews import rates
from reviews.actions.tellings import tell_of_announcement
from reviews.models import RateAnnouncement, Target


@transaction.atomic
def announce(region: Region, *, as_of: date, title: str, document_number: str, by, seen: str = "") -> RateAnnouncement:
    """Announce the rates of a region and of what lies directly below it as of a day; return what everybody can read.

    The numbers are kept as they are now: a register corrected later changes no announcement. The officials of the
    regions named in it hear of it. Refused for a day to come, for a region without organs on that day, for a document
    number that this region has announced under already, and where the numbers are others than those that were `seen`
    (the digest of the preview).
    """
    require(by, "rates.announce", region)
    if as_of > clock.today():
        raise Refused(_("This day has not come yet."), field="as_of")
    if not title.strip() or not document_number.strip():
        raise Refused(_("An announcement has a title and a document number."), field="title")
    held = Region.objects.select_for_update(no_key=True).get(pk=region.pk)
    if RateAnnouncement.objects.filter(region=held, document_number=document_number).exists():
        raise Refused(_("An announcement with this document number stands already."), field="document_number")
    rows = rows_on(held, as_of)
    if not rows:
        raise Refused(_("No organ was on the register on this day."), field="as_of")
    if seen and seen != digest_of(rows):
        raise Overtaken(_("The numbers have changed since you looked at them. Look at them again, then announce."))
    announcement = RateAnnouncement(
        region=held, as_of=as_of, title=title, document_number=document_number, rows=rows, by=by, at=clock.now()
    )
    announcement.save(force_insert=True)
    after = {"region": held.code, "as_of": as_of.isoformat(), "document_number": document_number}
    record("announce_rates", announcement, by=by, after={**after, "sha256": digest_of(rows)})
    tell_of_announcement(announcement, by=by)
    return announcement


def rows_on(region: Region, day: date) -> list[dict]:
    """Return the rows of an announcement: the region by level, then what lies directly below it in register order."""
    parents = rates.region_parents()
    counts = rates.counts_on(day, parents)
    known = rates.targets_on(day)
    places = [region, *region.children.order_by("position", "code")]
    return [
        row_of(place, level, counts[place.pk, level], rates.targets_for(rates.path_of(place.pk, parents), level, known))
        for place in places
        for level in rates.LEVELS
        if (place.pk, level) in counts
    ]


def row_of(place: Region, level: str, counts: rates.Counts, targets: Iterable[Target]) -> dict:
    """Return one row: the numbers, the rate rounded down, and for each target whether integers say that it is met."""
    return {
        "region": place.code,
        "name": place.name,
        "name_en": place.name_en,
        "level": level,
        "organs": counts.organs,
        "recognised": counts.recognised,
        "percent": counts.percent,
        "targets": [_target(state) for state in rates.target_states(counts, targets)],
    }


def _target(state: rates.TargetState) -> dict:
    return {
        "percent": state.shown,
        "deadline": state.deadline.isoformat(),
        "met": state.met,
        "missing": state.missing,
    }


def digest_of(rows: Iterable[Mapping]) -> str:
    """Return the SHA-256 of the rows, by which a preview is known again."""
    return sha256(json.dumps(list(rows), ensure_ascii=False, sort_keys=True).encode()).hexdigest()
