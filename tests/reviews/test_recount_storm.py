"""Recounts killed and in a crowd: nobody ever reads a mixture, and the end is a count from nothing."""

import faulthandler
import multiprocessing
import os
import random
import signal
import sys
import time
from datetime import date

import pytest
from django.db import connection, connections, transaction

from creation import clock
from creation.actions import recognitions
from creation.actions.places import rebuild_region_paths
from creation.models import CountChange, Organ, Recognition, Region
from reviews import rates
from reviews.actions.rates import recount, recount_all
from reviews.demo import builders
from reviews.models import CompletionRate, RecountRun

COUNTED = ("region_id", "level", "as_of", "organs", "recognised", "in_progress", "not_met", "not_started")
KILLS = 100
SEED = 20_211_231
PATIENCE = 240  # seconds
fork = multiprocessing.get_context("fork")


def grant(organ, day=None):
    with transaction.atomic():
        recognitions.grant(organ, batch="b", document_number="1号", granted_on=day or clock.today(), by=None)


def snapshot():
    return sorted(CompletionRate.objects.values_list(*COUNTED))


def from_nothing():
    run = RecountRun.objects.filter(error="").first()
    return sorted(
        (region, level, day, one.organs, one.recognised, one.in_progress, one.not_met, one.not_started)
        for day in [*rates.month_ends(min(run.since or run.as_of, run.as_of), run.as_of), run.as_of]
        for (region, level), one in rates.counts_on(day).items()
    )


def mixed():
    """Return where the regions below do not add up to the one above, in one reading of the whole snapshot."""
    parents = rates.region_parents()
    rows = {(region, level, day): numbers for region, level, day, *numbers in snapshot()}
    kinds = dict(Region.objects.values_list("pk", "kind"))
    found = []
    for (region, level, day), numbers in rows.items():
        if kinds[region] != level:  # none of its own organs have this level
            below = [rows.get((child, level, day), [0] * 5) for child, above in parents.items() if above == region]
            found += [(region, level, day)] if [sum(column) for column in zip(*below, strict=True)] != numbers else []
    return found


def make_districts(world, number, organs):
    """Put districts with organs below the city."""
    districts = Region.objects.bulk_create(
        Region(code=f"2{n:05d}", name=f"区{n}", kind="district", parent=world.city, position=n) for n in range(number)
    )
    rebuild_region_paths()
    for district in districts:
        Organ.objects.bulk_create(
            Organ(region=district, credit_code=f"{district.pk}-{n}", name=f"机关{n}", established_on=builders.LONG_AGO)
            for n in range(organs)
        )
    return list(Organ.objects.filter(region__in=districts).order_by("pk"))


def in_a_process(work, *args):
    """Start the work in a process that has connections of its own; one that hangs says where and ends."""

    def bounded():
        # Beside a browser Django keeps connections for the event loop, which a fork does not have: what an earlier
        # test left open for the plain thread would be shared by all children.
        inherited.extend(connections.all(initialized_only=True))
        for one in inherited:
            del connections[one.alias]
        faulthandler.dump_traceback_later(PATIENCE, exit=True, file=sys.__stderr__)
        work(*args)

    inherited: list = []  # kept, as a connection that is thrown away says goodbye to the server
    connections.close_all()
    process = fork.Process(target=bounded, daemon=True)  # whatever fails, no process is waited for at the end
    process.start()
    return process


def until(happened, seconds=60):
    """Wait until something has happened, for so many seconds at most."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.002)


@pytest.mark.django_db(transaction=True)
def test_a_recount_killed_at_100_random_points_leaves_the_old_numbers_or_the_new_ones(world):
    make_districts(world, 4, 60)
    recount_all()
    draw, read, counted = random.Random(SEED), set(), fork.Value("i")

    def work():
        for organ in list(Organ.objects.filter(recognitions=None).order_by("pk")):
            grant(organ, date(2026, 1, 1) if organ.pk % 3 else None)
            recount()
            recount_all()
            counted.value += 1

    started = time.perf_counter()
    recount_all()
    length = time.perf_counter() - started
    for _kill in range(KILLS):
        counted.value, before = 0, draw.randrange(3)
        process = in_a_process(work)
        until(lambda before=before: counted.value >= before)  # however slow the machine is just now
        time.sleep(draw.uniform(0, length))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert mixed() == []
        read.add(tuple(snapshot()))

    recount()
    assert len(read) > KILLS / 10  # it was killed on the way, not before it began
    assert snapshot() == from_nothing()
    assert CountChange.objects.count() == 0
    recount_all()
    assert RecountRun.objects.first().differences == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_recognitions_in_100_regions_by_8_workers_one_of_them_killed_end_in_a_recount(world):
    organs = make_districts(world, 100, 2)
    recount_all()

    def work(mine, pace=0.0):
        for organ in mine:
            grant(organ)
            recount()
            time.sleep(pace)

    workers = [in_a_process(work, organs[n::8], 0.05 if n == 0 else 0.0) for n in range(8)]
    time.sleep(0.5)
    os.kill(workers[0].pid, signal.SIGKILL)
    seen = 0
    while any(worker.is_alive() for worker in workers):
        assert mixed() == []
        seen += 1
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [-signal.SIGKILL, *[0] * 7]
    assert seen > 0
    recount()
    assert snapshot() == from_nothing()
    assert CountChange.objects.count() == 0
    assert list(RecountRun.objects.exclude(error="")) == []
    city = CompletionRate.objects.get(region=world.city, level="district", as_of=clock.today())
    assert 175 <= city.recognised == Recognition.objects.count() < 200


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_count_that_is_written_in_parts_would_be_seen(world):
    """The control: rows written one by one, each for itself, are read as a mixture."""
    organs = make_districts(world, 2, 2)
    recount_all()
    assert mixed() == []
    grant(organs[0])
    row = CompletionRate.objects.get(region=organs[0].region, as_of=clock.today())
    CompletionRate.objects.filter(pk=row.pk).update(recognised=1, not_started=row.not_started - 1)
    assert mixed() == [(world.city.pk, "district", clock.today())]
    assert connection.vendor == "postgresql"
