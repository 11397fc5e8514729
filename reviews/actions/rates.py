"""The recount: takes the queued rows, counts anew, writes the snapshot that pages read.

A change costs what its own region has of organs: they are counted, and the difference to the snapshot is added along
the region's path, for today and every month end since. A new day is counted for all regions at once, and at night
everything is counted from nothing and compared. One recount runs at a time, in one transaction: a reader sees the
numbers before it or after it, never a part.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, Min

from creation import clock
from creation.models import CountChange, Organ, Recognition
from reviews import counting, rates
from reviews.counting import COLUMNS, COUNTS
from reviews.models import CompletionRate, RecountRun

log = logging.getLogger(__name__)

ONE_AT_A_TIME = 2_020_338  # the advisory lock of recounts; nothing else in the portal takes this number
RUNS_KEPT = timedelta(days=30)
CHUNK = 500
SIZES = (8, 64, 512, 4_096, 10**9)  # of a queue, in regions: a short one is looked up, a long one read through
LOGGED = 20


def recount() -> int:
    """Bring the snapshot up to date with the queue and the calendar and return the number of its rows written.

    Adds what the queued regions' own organs have changed along their paths; a day or month that is not in the
    snapshot yet is counted for all regions, and when the tree has changed everything is. Deletes exactly the queue
    rows it has read, in the transaction of the snapshot; a worker killed in between leaves them all.
    """
    return _run(_catch_up) if is_due() else 0


def recount_all() -> int:
    """Bring the snapshot up to date, then prove it: everything is counted from nothing and what differs is corrected.

    Returns the number of rows counted. The run keeps how many rows were wrong (`RecountRun.differences`), and the log
    names them; what changed while it ran is no difference.
    """
    return _run(_prove)


def is_due() -> bool:
    """Tell whether a recount has anything to do: a change is queued, or today has not been counted yet."""
    if CountChange.objects.exists():
        return True
    reached = _reached()
    return (reached is None or reached.as_of != clock.today()) and Organ.objects.exists()


def _reached() -> RecountRun | None:
    return RecountRun.objects.filter(error="", as_of__isnull=False).first()


def _run(count: Callable[[RecountRun], bool]) -> int:
    run = RecountRun(started_at=clock.now())
    try:
        with transaction.atomic():
            _wait_for_my_turn()
            if count(run):  # otherwise another worker was faster
                run.ended_at = clock.now()
                run.save(force_insert=True)
    except Exception as error:
        RecountRun.objects.create(started_at=run.started_at, error=(str(error) or type(error).__name__)[:500])
        raise
    return run.rows


def _wait_for_my_turn() -> None:
    """Hold every other recount back until the end of the transaction; on SQLite each writer does so anyway.

    Otherwise one that has counted earlier could write later, over newer numbers whose queue rows are gone by then.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            # compiling such a statement (jit) takes longer than running it
            cursor.execute("SELECT pg_advisory_xact_lock(%s), set_config('jit', 'off', true)", [ONE_AT_A_TIME])


# --- the everyday case ---------------------------------------------------------------------------------------------


def _catch_up(run: RecountRun) -> bool:
    """Work off the queue on the days of the snapshot, then add the days it lacks; tell whether there was anything."""
    reached = _reached()
    if reached is None:
        return _count_everything(run)
    known = _days(reached.since, reached.as_of)
    found = _look(known)
    if not (_fits(found, reached) if found else counting.tree_version() == reached.tree):
        return _count_everything(run)
    run.as_of, run.tree, run.since = clock.today(), reached.tree, reached.since
    if found:
        run.since = _since(reached.since, found)
        run.rows = _write(found)
        _delete_queued(found.queue)
    run.rows += _bring_days(run, known)
    return bool(found) or run.complete


def _look(days: Sequence[date]) -> counting.Found | None:
    """Return what the queue changes, None when it is empty.

    How long it is and how far back it reaches has to be known before the statement that reads it; whatever has come
    in meanwhile is in that statement as well, so it is asked again until it has seen all of it at one instant.
    """
    queue = CountChange.objects.aggregate(regions=Count("region", distinct=True), since=Min("since"))
    regions, since = queue["regions"], queue["since"]
    if not regions:
        return None
    while True:
        size = next(size for size in SIZES if size >= regions)
        asked = [day for day in days if day >= since]
        found = counting.changed(asked, size)
        if len(found.regions) <= size and found.since >= since:
            return found
        regions, since = len(found.regions), min(since, found.since)


def _fits(found: counting.Found, reached: RecountRun) -> bool:
    """Tell whether the differences can be added: the tree is still the one they are added in, and none is absurd."""
    numbers = (getattr(counts, name) for counts in found.rows.values() for name in COUNTS)
    if min(numbers, default=0) < 0:
        log.error("The snapshot does not fit what it was counted from; everything is counted anew.")
        return False
    return found.tree == reached.tree


def _since(known: date | None, found: counting.Found) -> date | None:
    """Return the day of the first recognition, which lies before the known one where an earlier one has come in."""
    if known is not None and found.since >= known:
        return known
    titles = Recognition.objects.filter(organ__region__in=found.regions)
    first = titles.aggregate(first=Min("granted_on"))["first"]
    return min((day for day in (known, first) if day), default=None)


def _write(found: counting.Found) -> int:
    at = clock.now()
    rows = [
        CompletionRate(
            region_id=region,
            level=level,
            as_of=day,
            computed_at=at,
            **{name: getattr(counts, name) for name in COUNTS},
        )
        for (region, level, day), counts in sorted(found.rows.items())
    ]
    CompletionRate.objects.bulk_create(
        rows,
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["region", "level", "as_of"],
        update_fields=[*COUNTS, "computed_at"],
    )
    if emptied := {row.region_id for row in rows if not row.organs}:
        for some in _chunks(sorted(emptied)):
            CompletionRate.objects.filter(region__in=some, organs=0).delete()
    return len(rows)


def _delete_queued(keys: list[int]) -> None:
    for some in _chunks(keys):
        CountChange.objects.filter(pk__in=some).delete()


def _chunks(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))


# --- days ----------------------------------------------------------------------------------------------------------


def _days(since: date | None, as_of: date) -> list[date]:
    """Return the days of a snapshot: every month's end from the first recognition on, and the day it was made."""
    return [*rates.month_ends(min(since or as_of, as_of), as_of), as_of]


def _bring_days(run: RecountRun, known: list[date]) -> int:
    """Count the days that the snapshot lacks for all regions, drop those it no longer needs; return the rows added."""
    days = _days(run.since, run.as_of)
    lacking = [day for day in days if day not in known]
    if stale := set(known) ^ set(days):
        CompletionRate.objects.filter(as_of__in=stale).delete()
    run.complete = bool(lacking)
    older, newer = ([day for day in lacking if (day < known[0]) is before] for before in (True, False))
    return sum(_insert(counting.counted(part), at=clock.now()) for part in (older, newer) if part)


def _insert(counted: str, *, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reviews_completionrate ({', '.join(COLUMNS)}, computed_at) "  # noqa: S608 our own names
            f"SELECT n.*, {counting.instant(at)} FROM ({counted}) n"
        )
        return cursor.rowcount


# --- from nothing --------------------------------------------------------------------------------------------------


def _count_everything(run: RecountRun) -> bool:
    """Write the whole snapshot anew: there is none yet, or the tree is another one."""
    queue = _begin_everything(run)
    CompletionRate.objects.all().delete()
    run.rows = _insert(counting.counted(_days(run.since, run.as_of)), at=clock.now())
    _delete_queued([pk for pk, _region in queue])
    return True


def _prove(run: RecountRun) -> bool:
    caught_up = RecountRun(started_at=run.started_at)
    _catch_up(caught_up)
    queue = _begin_everything(run)
    with _counted_apart(counting.counted(_days(run.since, run.as_of))) as run.rows:
        wrong = _compare()
        if wrong:
            _correct(at=clock.now())
    # what has come in while it was counted is told by its own row, read after the count
    waiting = {region for _pk, region in queue} | set(CountChange.objects.values_list("region_id", flat=True))
    above = {place for region in waiting for place in rates.path_of(region, rates.region_parents())}
    unexplained = [row for row in wrong if row[0] not in above]
    run.differences = len(unexplained)
    if unexplained:
        log.error("The snapshot was wrong in %s rows, now corrected: %s", len(unexplained), unexplained[:LOGGED])
    _delete_queued([pk for pk, _region in queue])
    RecountRun.objects.filter(started_at__lt=clock.now() - RUNS_KEPT).delete()
    return True


def _begin_everything(run: RecountRun) -> list[tuple[int, int]]:
    """Note what is counted; return the queue, read before: what commits in between makes the next recount."""
    run.complete, run.as_of, run.tree = True, clock.today(), counting.tree_version()
    run.since = Recognition.objects.aggregate(first=Min("granted_on"))["first"]
    return list(CountChange.objects.values_list("pk", "region_id"))


@contextmanager
def _counted_apart(counted: str) -> Iterator[int]:
    """Keep the counted rows in a table of this connection's own for a while; yield how many they are."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS counted_anew")
        cursor.execute(f"CREATE TEMPORARY TABLE counted_anew AS {counted}")
        cursor.execute("SELECT COUNT(*) FROM counted_anew")
        yield cursor.fetchone()[0]
        cursor.execute("DROP TABLE counted_anew")


_SAME_PLACE = "n.region_id = k.region_id AND n.level = k.level AND n.as_of = k.as_of"
_DIFFERENT = " OR ".join(["k.id IS NULL", "n.region_id IS NULL", *(f"n.{name} <> k.{name}" for name in COUNTS)])


def _compare() -> list[tuple]:
    """Return region, level, day, the numbers counted and the numbers kept of each row where they differ."""
    places = ", ".join(f"COALESCE(n.{name}, k.{name})" for name in COLUMNS[:3])
    numbers = ", ".join(f"{side}.{name}" for side in "nk" for name in COUNTS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {places}, {numbers} FROM counted_anew n FULL JOIN reviews_completionrate k ON {_SAME_PLACE} "  # noqa: S608
            f"WHERE {_DIFFERENT}"
        )
        return cursor.fetchall()


def _correct(*, at: datetime) -> None:
    names = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reviews_completionrate WHERE id IN (SELECT k.id FROM reviews_completionrate k "  # noqa: S608
            f"LEFT JOIN counted_anew n ON {_SAME_PLACE} WHERE {_DIFFERENT})"
        )
        cursor.execute(
            f"INSERT INTO reviews_completionrate ({names}, computed_at) "  # noqa: S608
            f"SELECT {', '.join(f'n.{name}' for name in COLUMNS)}, {counting.instant(at)} FROM counted_anew n "
            f"LEFT JOIN reviews_completionrate k ON {_SAME_PLACE} WHERE k.id IS NULL"
        )
