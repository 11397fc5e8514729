"""A recognition until the rows of its path are right, alone and ten thousand at once."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from statistics import median
from time import sleep

from django.db import connections, transaction

from creation import clock
from creation.actions.recognitions import grant
from creation.models import CountChange, Organ, Recognition
from portal.bench import floor
from portal.bench.rounds import Measured, seconds
from portal.bench.run import Bench
from reviews.actions.rates import recount, recount_all
from reviews.models import RecountRun

ALONE = 200
GOAL_ALONE = 0.010  # seconds
GOAL_AT_ONCE = 5
KILLED_AFTER = 1.0  # seconds

Recounting = Callable[[], object]


def _without_title(number: int) -> list[Organ]:
    titled = Recognition.objects.filter(revoked_on=None, replaced_on=None).values("organ")
    # spread over the regions, the same ones in every run
    organs = Organ.objects.filter(abolished_on=None).exclude(pk__in=titled).only("pk", "region_id").order_by("pk")
    found = list(organs)
    return found[:: max(1, len(found) // number)][:number]


def _recognise(organs: list[Organ], then: Recounting) -> list[float]:
    taken = []
    for organ in organs:
        with transaction.atomic():
            grant(organ, batch="bench", document_number="1", granted_on=clock.today(), by=None)
        taken.append(seconds(then))
    return taken


def alone(bench: Bench) -> Measured:
    """Recognise organ after organ: the time from each commit until the snapshot is right."""
    taken = median(_recognise(_without_title(ALONE), recount))
    return Measured("one recognition until its path is right", taken, None, None, "≤ 10 ms", met=taken <= GOAL_ALONE)


def at_once(bench: Bench) -> Measured:
    """Let all workers recognise and recount at once, one of them killed on the way; the end equals a count anew."""
    organs = _without_title(bench.recognitions)
    was = Recognition.objects.count()
    taken = seconds(lambda: _let_work(organs, bench.workers))
    recount()  # what the killed worker left
    done = Recognition.objects.count() - was
    recount_all()
    if RecountRun.objects.first().differences or CountChange.objects.exists():
        msg = "The snapshot differs from a count from nothing."
        raise AssertionError(msg)
    each = median(seconds(lambda: floor.one_day(clock.today())) for _round in range(3))
    name = f"{bench.workers} workers, one killed, {bench.recognitions:,} recognitions: each"
    ratio = each / (taken / done)
    note = "floor: a recount each; ratio: by how much faster"
    return Measured(name, taken / done, each, ratio, f"≥ {GOAL_AT_ONCE} ×", met=ratio >= GOAL_AT_ONCE, note=note)


def _let_work(organs: list[Organ], workers: int) -> None:
    connections.close_all()  # no child may share a connection
    context = multiprocessing.get_context("fork")
    started = [context.Process(target=_recognise, args=(organs[n::workers], recount)) for n in range(workers)]
    for worker in started:
        worker.start()
    sleep(KILLED_AFTER)
    if started[0].is_alive():
        os.kill(started[0].pid, signal.SIGKILL)
    for worker in started:
        worker.join()
    if failed := [worker.exitcode for worker in started[1:] if worker.exitcode]:
        msg = f"Workers ended with {failed}."
        raise AssertionError(msg)
