"""The recount: takes the queued rows, counts anew, writes the snapshot that pages read."""

from datetime import date

from django.db import transaction
from django.db.models import Min

from creation import clock
from creation.models import CountChange, Recognition
from reviews import rates
from reviews.models import CompletionRate, RecountRun

COUNTED = ("organs", "recognised", "in_progress", "not_met", "not_started", "computed_at")


def recount() -> int:
    """Count anew what the queued rows say has changed and return the number of snapshot rows written.

    Covers the changed regions' paths, for today and every month end from the earliest change on. Deletes exactly
    the queue rows it has read, in the transaction of the snapshot; a worker killed in between leaves them all.
    """
    queued = list(CountChange.objects.values_list("pk", "region_id", "since"))
    if not queued:
        return 0
    parents = rates.region_parents()
    touched = {above for _pk, region, _since in queued for above in rates.path_of(region, parents)}
    since = min(since for _pk, _region, since in queued)
    return _run(touched, since, parents, [pk for pk, _region, _since in queued])


def recount_all() -> int:
    """Count every region anew, for today and every month since the first recognition; the nightly proof."""
    first = Recognition.objects.aggregate(first=Min("granted_on"))["first"] or clock.today()
    parents = rates.region_parents()
    queued = list(CountChange.objects.values_list("pk", flat=True))
    written = _run(set(parents), first, parents, queued)
    _forget_days_between_months()
    return written


def _run(regions: set[int], since: date, parents: dict[int, int | None], queued: list[int]) -> int:
    run = RecountRun.objects.create(started_at=clock.now(), complete=regions == set(parents))
    try:
        with transaction.atomic():
            written = _write_snapshots(regions, since, parents)
            CountChange.objects.filter(pk__in=queued).delete()
    except Exception as error:
        RecountRun.objects.filter(pk=run.pk).update(error=str(error)[:500])
        raise
    RecountRun.objects.filter(pk=run.pk).update(ended_at=clock.now(), rows=written)
    return written


def _write_snapshots(regions: set[int], since: date, parents: dict[int, int | None]) -> int:
    today, at = clock.today(), clock.now()
    pairs = {pair for pair in rates.levels_with_organs(parents) if pair[0] in regions}
    rows = []
    for day in [*rates.month_ends(since, today), today]:
        counts = rates.counts_on(day, parents)
        rows += [_row(pair, day, counts.get(pair, rates.Counts()), at) for pair in sorted(pairs)]
    CompletionRate.objects.bulk_create(
        rows, batch_size=500, update_conflicts=True, unique_fields=["region", "level", "as_of"], update_fields=COUNTED
    )
    return len(rows)


def _row(pair: tuple[int, str], day: date, counts: rates.Counts, at) -> CompletionRate:
    return CompletionRate(
        region_id=pair[0],
        level=pair[1],
        as_of=day,
        organs=counts.organs,
        recognised=counts.recognised,
        in_progress=counts.in_progress,
        not_met=counts.not_met,
        not_started=counts.not_started,
        computed_at=at,
    )


def _forget_days_between_months() -> None:
    """Drop the snapshots of days that are neither today nor the end of a month; any of them can be replayed."""
    today = clock.today()
    days = CompletionRate.objects.filter(as_of__lt=today).values_list("as_of", flat=True).distinct()
    kept = set(rates.month_ends(min(days, default=today), today))
    CompletionRate.objects.filter(as_of__in=set(days) - kept).delete()
