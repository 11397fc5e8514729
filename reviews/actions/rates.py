"""The recount: takes the queued rows, counts anew, writes the snapshot that pages read.

A day enters the snapshot for all regions at once and stays until the next complete recount; after that only the
changed regions and those above them are written. One recount runs at a time, and a reader sees the numbers before
it or after it, never a part.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from creation import clock
from creation.models import CountChange, Organ
from reviews import rates
from reviews.models import CompletionRate, RecountRun

ONE_AT_A_TIME = 2_020_338  # the advisory lock of recounts; nothing else in the portal takes this number
RUNS_KEPT = timedelta(days=30)


def recount() -> int:
    """Count anew what the queued rows say has changed and return the number of snapshot rows written.

    Covers the changed regions' paths, for today and every month end from the earliest change on; on a new day, or
    when the history begins earlier than before, everything. Deletes exactly the queue rows it has read, in the
    transaction of the snapshot; a worker killed in between leaves them all.
    """
    return _run(complete=False) if is_due() else 0


def recount_all() -> int:
    """Count every region anew, for today and every month since the first recognition; the nightly proof."""
    return _run(complete=True)


def is_due() -> bool:
    """Tell whether a recount has anything to do: a change is queued, or today has not been counted yet."""
    if CountChange.objects.exists():
        return True
    return Organ.objects.exists() and not CompletionRate.objects.filter(as_of=clock.today()).exists()


def _run(*, complete: bool) -> int:
    run = RecountRun.objects.create(started_at=clock.now(), complete=complete)
    try:
        with transaction.atomic():
            _wait_for_my_turn()
            run.complete, run.rows = _count(complete=complete)
            run.ended_at = clock.now()
            run.save(update_fields=["complete", "rows", "ended_at"])
    except Exception as error:
        RecountRun.objects.filter(pk=run.pk).update(error=(str(error) or type(error).__name__)[:500])
        raise
    return run.rows


def _wait_for_my_turn() -> None:
    """Hold every other recount back until the end of the transaction; on SQLite each writer does so anyway.

    Otherwise one that has counted earlier could write later, over newer numbers whose queue rows are gone by then.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _count(*, complete: bool) -> tuple[bool, int]:
    """Return whether everything was counted, and the number of rows written.

    The queue is read before anything is counted: what commits in between may be counted already, but its row is
    not among those deleted here and makes the next recount.
    """
    queued = list(CountChange.objects.values_list("pk", "region_id", "since"))
    if not (queued or complete or is_due()):
        return False, 0  # another worker was faster
    today, parents = clock.today(), rates.region_parents()
    start = rates.history_start(today)
    since = max(start, min((since for _pk, _region, since in queued), default=today))
    touched = {above for _pk, region, _since in queued for above in rates.path_of(region, parents)}
    days = [*rates.month_ends(since, today), today]
    complete = complete or not _in_snapshot(days)
    if complete:
        touched, days = set(parents), [*rates.month_ends(start, today), today]
        CompletionRate.objects.all().delete()
        RecountRun.objects.filter(started_at__lt=clock.now() - RUNS_KEPT).delete()
    else:
        CompletionRate.objects.filter(region__in=touched, as_of__in=days).delete()
    rows = _rows(touched, days, parents)
    CompletionRate.objects.bulk_create(rows, batch_size=500)
    CountChange.objects.filter(pk__in=[pk for pk, _region, _since in queued]).delete()
    return complete, len(rows)


def _in_snapshot(days: list[date]) -> bool:
    known = CompletionRate.objects.filter(region__parent=None, as_of__in=days).values_list("as_of", flat=True)
    return set(known) == set(days)


def _rows(regions: set[int], days: Iterable[date], parents: dict[int, int | None]) -> list[CompletionRate]:
    """Return the snapshot rows of the regions, one for each level that has organs on the day; a statement a day."""
    at = clock.now()
    return [
        _row(pair, day, counts, at)
        for day in days
        for pair, counts in sorted(rates.counts_on(day, parents).items())
        if pair[0] in regions
    ]


def _row(pair: tuple[int, str], day: date, counts: rates.Counts, at: datetime) -> CompletionRate:
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
