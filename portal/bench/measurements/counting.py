"""Counting the whole register: one day, and every month since the first recognition."""

from datetime import timedelta

from creation import clock
from portal.bench import floor
from portal.bench.rounds import Measured, compare
from portal.bench.run import Bench
from reviews.actions.rates import recount, recount_all
from reviews.models import CompletionRate, RecountRun


def _days() -> list:
    return sorted(set(CompletionRate.objects.filter(region__parent=None).values_list("as_of", flat=True)))


def one_day(bench: Bench) -> Measured:
    """Count a new day for all regions, as at midnight, beside one statement."""
    today = clock.today()

    def yesterday() -> None:
        CompletionRate.objects.filter(as_of=today).delete()
        RecountRun.objects.update(as_of=today - timedelta(days=1))

    found = compare(
        "full recount of a day",
        recount,
        lambda: floor.one_day(today),
        at_most=1.1,
        rounds=bench.rounds,
        before=yesterday,
    )
    RecountRun.objects.update(as_of=today)
    return found


def nightly(bench: Bench) -> Measured:
    """Prove all days, as every night: count, compare, correct nothing, beside writing all of it in one statement."""
    days = _days()
    return compare(
        f"history of {len(days)} days, proved at night",
        recount_all,
        lambda: floor.history(days),
        at_most=1.2,
        rounds=bench.rounds,
    )


def history(bench: Bench) -> Measured:
    """Build the snapshot of all days from nothing, beside the same statement into the same empty table."""
    days = _days()

    def nothing() -> None:
        CompletionRate.objects.all().delete()
        RecountRun.objects.all().delete()

    found = compare(
        f"history of {len(days)} days, from nothing",
        recount,
        lambda: floor.history(days),
        at_most=1.2,
        rounds=bench.rounds,
        before=nothing,
    )
    recount_all()  # the floor wrote no run
    return found
