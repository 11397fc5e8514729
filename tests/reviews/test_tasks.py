"""What Celery runs: names that exist, a sweep in which one fault stops nothing else."""

from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection

from creation import stages
from creation.actions import counts, recognitions
from creation.models import CountChange
from portal.celery import app
from portal.timetable import SWEEP_SECONDS, TIMETABLE
from reviews import tasks
from reviews.actions import approvals
from reviews.actions import recognitions as orders
from reviews.models import CompletionRate, RecountRun


def test_everything_in_the_timetable_and_every_bell_is_a_task():
    app.loader.import_default_modules()
    names = {entry["task"] for entry in TIMETABLE.values()} | {counts.RECOUNT, orders.CARRY_OUT, approvals.PUBLISH}
    assert names - set(app.tasks) == set()
    assert {name for name in app.tasks if name.startswith("reviews.")} == {
        "reviews.tasks.recount",
        "reviews.tasks.carry_out_orders",
        "reviews.tasks.publish_notices",
        "reviews.tasks.work_off_imports",
        "reviews.tasks.work_off_archives",
        "reviews.tasks.look_for_archives",
        "reviews.tasks.clear_old_archives",
        "reviews.tasks.look_for_occurrences",
        "reviews.tasks.tell_webhooks",
        "reviews.tasks.look_for_reports",
        "reviews.tasks.erase_objectors",
        "reviews.tasks.forget_knocks",
        "reviews.tasks.sweep",
        "reviews.tasks.nightly",
        "reviews.tasks.reminders",
        "reviews.tasks.digests",
    }


def test_a_bell_of_the_sweep_is_worth_nothing_once_the_next_has_rung():
    assert TIMETABLE["sweep"]["options"]["expires"] <= TIMETABLE["sweep"]["schedule"] == SWEEP_SECONDS


def test_the_sweep_begins_the_day_and_then_rests(world):
    tasks.sweep()
    assert CompletionRate.objects.count() == 6
    runs = RecountRun.objects.count()
    tasks.sweep()
    tasks.sweep()
    assert RecountRun.objects.count() == runs


def test_the_sweep_picks_up_what_nobody_rang_for(world):
    tasks.nightly()
    recognitions.grant(world.organ, batch="b", document_number="1", granted_on=world.organ.established_on, by=None)
    assert CountChange.objects.count() == 1
    tasks.sweep()
    assert CountChange.objects.count() == 0
    newest = CompletionRate.objects.filter(region=world.district, level="district").latest("as_of")
    assert (newest.recognised, newest.organs) == (1, 2)
    stranger = CompletionRate.objects.filter(region=world.other_district).latest("as_of")
    assert (stranger.recognised, stranger.organs) == (0, 1)


@contextmanager
def broken(table):
    """Let the database refuse every statement that names the table."""

    def refuse(execute, sql, params, many, context):
        if table in sql:
            raise OperationalError("no such page")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize("table", ["creation_import", "reviews_recognitionorder"])
def test_work_that_fails_in_the_sweep_stops_no_other_and_is_told(world, caplog, table):
    counts.counts_changed({world.district.pk}, since=world.organ.established_on)
    with broken(table):
        tasks.sweep()
    assert CountChange.objects.count() == 0
    assert [record.message.split()[-1] for record in caplog.records if "could not finish" in record.message] == [
        {
            "creation_import": "reviews.tasks.work_off_imports.",
            "reviews_recognitionorder": "reviews.tasks.carry_out_orders.",
        }[table]
    ]


def test_an_order_that_fails_waits_for_the_next_sweep(world, caplog):
    file = world.bring_to(stages.PUBLICISED)
    order = orders.order_recognition(file.listing.notice, batch="b", document_number="1号", by=world["city"])
    with broken('"reviews_listing"'):
        tasks.carry_out_orders()
    order.refresh_from_db()
    assert order.done_at is None
    assert [record.message for record in caplog.records if record.name == "reviews.tasks"] == [
        f"Order {order.pk} could not be carried out."
    ]


def test_two_sweeps_by_two_beats_end_like_one(world):
    tasks.sweep()
    once = list(CompletionRate.objects.values_list("region", "level", "as_of", "organs", "recognised"))
    counts.counts_changed({world.district.pk}, since=world.organ.established_on)
    tasks.sweep()
    tasks.sweep()
    assert list(CompletionRate.objects.values_list("region", "level", "as_of", "organs", "recognised")) == once
