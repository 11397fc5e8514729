"""Tells the recount that something counted has changed, as a row in the same transaction."""

from datetime import date

from creation import clock, doorbell
from creation.models import CountChange

RECOUNT = "reviews.tasks.recount"


def counts_changed(region_ids: set[int], *, since: date) -> None:
    """Queue a recount of these regions and everything above them from `since` on, and ring the worker."""
    at = clock.now()
    CountChange.objects.bulk_create(CountChange(region_id=pk, since=since, at=at) for pk in sorted(region_ids))
    doorbell.ring(RECOUNT)
