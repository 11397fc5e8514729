"""What Celery runs: names that exist, a sweep in which one fault stops nothing else."""

import pytest

from creation.actions import counts, recognitions
from creation.models import CountChange, Import
from portal.celery import app
from portal.timetable import SWEEP_SECONDS, TIMETABLE
from reviews import tasks
from reviews.actions import recognitions as orders
from reviews.models import CompletionRate, RecountRun


def test_everything_in_the_timetable_and_every_bell_is_a_task():
    app.loader.import_default_modules()
    names = {entry["task"] for entry in TIMETABLE.values()} | {counts.RECOUNT, orders.CARRY_OUT}
    assert names - set(app.tasks) == set()
    assert {name for name in app.tasks if name.startswith("reviews.")} == {
        "reviews.tasks.recount",
        "reviews.tasks.carry_out_orders",
        "reviews.tasks.work_off_imports",
        "reviews.tasks.sweep",
        "reviews.tasks.nightly",
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


@pytest.mark.django_db
def test_an_import_that_cannot_be_read_stops_no_recount(world, caplog):
    counts.counts_changed({world.district.pk}, since=world.organ.established_on)
    Import.objects.create(
        kind="register", file="imports/gone.csv", name="gone.csv", by=world["registrar"], at=world.cycle.opened_at
    )
    tasks.sweep()
    assert CountChange.objects.count() == 0


def test_two_sweeps_by_two_beats_end_like_one(world):
    tasks.sweep()
    once = list(CompletionRate.objects.values_list("region", "level", "as_of", "organs", "recognised"))
    counts.counts_changed({world.district.pk}, since=world.organ.established_on)
    tasks.sweep()
    tasks.sweep()
    assert list(CompletionRate.objects.values_list("region", "level", "as_of", "organs", "recognised")) == once
