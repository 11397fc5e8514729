"""The recount: what is queued is counted, once, by one at a time; a row that comes late is not lost."""

import threading
import time
from contextlib import contextmanager
from datetime import date, timedelta
from queue import Queue

import pytest
import time_machine
from django.db import DatabaseError, connection, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation import clock
from creation.actions import counts as queue
from creation.actions import places, recognitions
from creation.errors import Refused
from creation.models import CountChange, Organ, Recognition
from reviews import rates
from reviews.actions.rates import recount, recount_all
from reviews.demo import builders
from reviews.models import CompletionRate, RecountRun

COUNTED = ("region__code", "level", "as_of", "organs", "recognised", "in_progress", "not_met", "not_started")
PATIENCE = 60  # seconds


def snapshot():
    return sorted(CompletionRate.objects.values_list(*COUNTED))


def today_of(region, level="district"):
    row = CompletionRate.objects.get(region=region, level=level, as_of=clock.today())
    return row.recognised, row.organs


@transaction.atomic
def grant(organ, granted_on=None):
    return recognitions.grant(organ, batch="b", document_number="1号", granted_on=granted_on or clock.today(), by=None)


def test_a_recognition_changes_its_path_and_nothing_else(world):
    recount_all()
    grant(world.organ)

    assert recount() == 3  # district, city and nation, at the level of the district's organs

    assert [today_of(place) for place in (world.district, world.city, world.nation)] == [(1, 2), (1, 3), (1, 3)]
    assert today_of(world.other_district) == (0, 1)
    untouched = CompletionRate.objects.filter(computed_at__lt=RecountRun.objects.first().started_at)
    assert {(row.region, row.level) for row in untouched.select_related("region")} == {
        (world.other_district, "district"),
        (world.city, "city"),
        (world.nation, "city"),
    }
    assert CountChange.objects.count() == 0


def test_counting_twice_changes_nothing(world):
    grant(world.organ, clock.today() - timedelta(days=100))
    recount()
    once = snapshot()
    assert recount() == 0
    assert snapshot() == once
    recount_all()
    assert snapshot() == once


def test_the_first_recount_of_a_day_counts_everything(world):
    with time_machine.travel(clock.now() - timedelta(days=1)):
        recount()
        assert {row[2] for row in snapshot()} == {clock.today()}
    grant(world.organ)
    recount()
    assert {row[2] for row in snapshot()} == {clock.today()}
    assert today_of(world.other_district) == (0, 1)
    assert RecountRun.objects.first().complete


def test_an_earlier_first_recognition_gives_every_region_the_same_months(world):
    recount()
    grant(world.organ, clock.today() - timedelta(days=70))
    recount()
    days = {code: {row[2] for row in snapshot() if row[0] == code} for code in ("110101", "110102")}
    assert days["110101"] == days["110102"]
    assert len(days["110101"]) in {3, 4}


def test_the_last_organ_of_a_region_takes_its_row_along(world):
    recount()
    places.correct_organ(world.far_organ, {"region_id": world.district.pk}, by=world["registrar"])
    recount()
    assert CompletionRate.objects.filter(region=world.other_district).count() == 0
    assert today_of(world.district) == (0, 3)


def test_no_organs_no_rows_and_no_run_every_half_minute(db):
    builders.make_region("100000", "全国", "nation")
    assert (recount(), recount_all()) == (0, 0)
    assert RecountRun.objects.count() == 1


def test_an_expired_title_is_noticed_at_night_without_any_change(world):
    Recognition.objects.create(
        organ=world.organ,
        batch="b",
        document_number="1",
        granted_on=clock.today(),
        valid_until=clock.today(),
        recorded_at=clock.now(),
    )
    recount_all()
    assert today_of(world.district) == (1, 2)
    with time_machine.travel(clock.now() + timedelta(days=1)):
        recount_all()
        assert today_of(world.district) == (0, 2)


def test_runs_are_kept_for_a_month(world):
    with time_machine.travel(clock.now() - timedelta(days=31)):
        recount_all()
    recount_all()
    assert RecountRun.objects.count() == 1


class Broken(Exception):
    """Stands for whatever may go wrong below."""


@contextmanager
def fails_when(wanted):
    """Let the database refuse the statements that contain `wanted`."""

    def refuse(execute, sql, params, many, context):
        if wanted in sql:
            raise Broken("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_a_recount_that_fails_at_any_statement_leaves_its_rows_and_the_old_numbers(world):
    recount()
    grant(world.organ)
    old, waiting = snapshot(), list(CountChange.objects.values_list("pk", flat=True))
    for statement in ('INSERT INTO "reviews_completionrate"', 'DELETE FROM "creation_countchange"', "GROUP BY"):
        with fails_when(statement), pytest.raises(Broken):
            recount()
        assert snapshot() == old
        assert list(CountChange.objects.values_list("pk", flat=True)) == waiting
        assert RecountRun.objects.first().error == "the disk is full"
    recount()
    assert today_of(world.district) == (1, 2)
    assert RecountRun.objects.first().error == ""


def test_a_change_during_the_count_keeps_its_row(world):
    """What arrives after the statement that reads the queue and counts is not deleted with it."""
    recount()
    grant(world.organ)
    late = []

    def arrive(execute, sql, params, many, context):
        if 'INSERT INTO "reviews_completionrate"' in sql and not late:
            late.append(True)
            grant(world.neighbour)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(arrive):
        recount()
    assert CountChange.objects.count() == 1
    recount()
    assert today_of(world.district) == (2, 2)


# --- any sequence of changes ---------------------------------------------------------------------------------------

DAYS_BACK = st.integers(0, 120)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("grant"), st.integers(0, 9), DAYS_BACK),
        st.tuples(st.just("take_back"), st.integers(0, 9), DAYS_BACK),
        st.tuples(st.just("add"), st.integers(0, 2), DAYS_BACK),
        st.tuples(st.just("abolish"), st.integers(0, 9), DAYS_BACK),
        st.tuples(st.just("move"), st.integers(0, 9), st.integers(0, 2)),
        st.tuples(st.just("start"), st.integers(0, 2), st.just(0)),
        st.tuples(st.just("recount"), st.just(0), st.just(0)),
        st.tuples(st.just("sleep"), st.integers(1, 40), st.just(0)),
    ),
    min_size=1,
    max_size=12,
)


def change(world, traveller, kind, which, how):
    """Make one change by its verb; what the verb refuses is no change."""
    organs, homes = list(Organ.objects.order_by("pk")), [world.district, world.other_district, world.city]
    organ, day = organs[which % len(organs)], clock.today() - timedelta(days=how)
    registrar = world["registrar"]
    if kind == "recount":
        recount()
    elif kind == "sleep":
        traveller.shift(timedelta(days=which))
    elif kind == "grant":
        grant(organ, day)
    elif kind == "take_back":
        title = Recognition.objects.filter(organ=organ, revoked_on=None, replaced_on=None).get()
        builders.revoke(title, on=day, by=world["city"])
    elif kind == "add":
        number = 100 + len(organs)
        base = builders.make_organ(homes[which], number)
        new = Organ(
            **{field.attname: getattr(base, field.attname) for field in Organ._meta.fields if not field.primary_key}
        )
        base.delete()
        new.established_on = day
        places.add_organ(new, by=registrar)
    elif kind == "abolish":
        places.abolish(organ, on=day, by=registrar)
    elif kind == "move":
        places.correct_organ(organ, {"region_id": homes[how].pk}, by=registrar)
    else:
        world.start([world.organ, world.far_organ, world.municipal_organ][which])


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(CHANGES)
def test_what_is_counted_piece_by_piece_equals_a_count_from_nothing(world, changes):
    with time_machine.travel(clock.now(), tick=False) as traveller, transaction.atomic():
        for kind, which, how in changes:
            try:
                with transaction.atomic():
                    change(world, traveller, kind, which, how)
            except (Refused, DatabaseError, Recognition.DoesNotExist):
                continue
        recount()
        piecewise = snapshot()
        assert piecewise == from_nothing()
        recount_all()
        assert snapshot() == piecewise
        transaction.set_rollback(True)


def from_nothing():
    """Return what the snapshot has to hold, told by the formula alone."""
    today = clock.today()
    start = rates.history_start(today)
    codes = dict(queue.CountChange._meta.get_field("region").related_model.objects.values_list("pk", "code"))
    return sorted(
        (codes[pk], level, day, one.organs, one.recognised, one.in_progress, one.not_met, one.not_started)
        for day in [*rates.month_ends(start, today), today]
        for (pk, level), one in rates.counts_on(day).items()
    )


# --- several connections -------------------------------------------------------------------------------------------


def in_threads(*jobs):
    """Run the jobs at once, each on its own connection, and return the errors."""
    errors: Queue = Queue()
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(PATIENCE)
            job()
        except Exception as error:  # noqa: BLE001 the test shows it
            errors.put(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return list(errors.queue)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_row_that_commits_late_is_not_lost(world):
    recount()
    written, counted = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            grant(world.organ)
            written.set()
            assert counted.wait(PATIENCE)

    def quick():
        assert written.wait(PATIENCE)
        grant(world.neighbour)  # a later row that commits first
        recount()
        assert today_of(world.district) == (1, 2)
        counted.set()

    assert in_threads(slow, quick) == []
    assert CountChange.objects.count() == 1
    recount()
    assert today_of(world.district) == (2, 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_deleting_all_rows_would_have_lost_it(world):
    """The control: a recount that empties the queue instead of deleting what it read."""
    grant(world.organ)
    read = list(CountChange.objects.values_list("pk", flat=True))
    grant(world.neighbour)
    assert CountChange.objects.exclude(pk__in=read).count() == 1


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_and_recognitions_meanwhile_end_in_the_right_numbers(world):
    organs = [builders.make_organ((world.district, world.other_district)[n % 2], 200 + n) for n in range(16)]
    recount()

    def recognise(part):
        for organ in part:
            grant(organ, date(2026, 1, 1) if organ.pk % 3 else None)
            recount()

    jobs = [lambda part=organs[n::4]: recognise(part) for n in range(4)]
    assert in_threads(*jobs, lambda: [recount_all() for _ in range(3)], lambda: [recount() for _ in range(10)]) == []

    recount()
    assert snapshot() == from_nothing()
    assert CountChange.objects.count() == 0
    assert (today_of(world.district), today_of(world.other_district)) == ((8, 10), (8, 9))
    assert list(RecountRun.objects.exclude(error="")) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_recount_waits_for_the_one_before_it_and_no_writer_waits_for_a_recount(world):
    recount()
    order, started, written = [], threading.Event(), threading.Event()

    def holder():
        with transaction.atomic():
            grant(world.organ)
            recount()  # holds its turn until the end of this transaction
            started.set()
            assert written.wait(PATIENCE)
            time.sleep(0.3)  # long enough for a recount that would not wait
            order.append("first")

    def follower():
        assert started.wait(PATIENCE)
        grant(world.far_organ)  # the writer does not wait
        order.append("written")
        written.set()
        recount()
        order.append("second")

    assert in_threads(holder, follower) == []
    assert order == ["written", "first", "second"]
    assert snapshot() == from_nothing()
