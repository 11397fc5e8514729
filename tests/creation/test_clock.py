"""The portal's clock, set ahead and held still in the demonstration, and the bell that bulk work muffles."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import transaction

from creation import clock, doorbell

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
LATE = datetime(2026, 3, 10, 16, 30, tzinfo=UTC)  # half past midnight of the 11th in Shanghai


def test_the_day_is_that_of_shanghai():
    with time_machine.travel(LATE, tick=False):
        assert (clock.now(), clock.today()) == (LATE, date(2026, 3, 11))


def test_it_runs_ahead_by_whole_days_and_never_backwards():
    with time_machine.travel(NOON, tick=False):
        clock.set_ahead(14)
        assert clock.today() == date(2026, 3, 24)
        clock.set_ahead(-3)
        assert clock.today() == date(2026, 3, 10)


def test_it_stands_where_it_is_held_and_goes_on_afterwards():
    then = datetime(2020, 6, 1, 1, tzinfo=UTC)
    with time_machine.travel(NOON, tick=False):
        clock.set_ahead(14)
        with clock.at(then):
            assert (clock.now(), clock.today()) == (then, date(2020, 6, 1))
            with clock.at(NOON):
                assert clock.now() == NOON
            assert clock.now() == then
        with pytest.raises(ValueError), clock.at(then):
            raise ValueError
        assert clock.today() == date(2026, 3, 24)


def test_the_day_of_arrival_stays_while_midnight_passes_and_is_today_elsewhere():
    midnight = datetime(2026, 3, 10, 16, tzinfo=UTC)
    with time_machine.travel(midnight - timedelta(seconds=2), tick=False) as traveller, clock.arrival():
        traveller.shift(timedelta(seconds=5))
        assert (clock.today(), clock.arrival_day()) == (date(2026, 3, 11), date(2026, 3, 10))
    with time_machine.travel(midnight, tick=False):
        assert clock.arrival_day() == date(2026, 3, 11)


def test_outside_the_demonstration_nobody_sets_it(settings):
    clock.set_ahead(5)
    settings.PROFILE = "production"
    with time_machine.travel(NOON, tick=False):
        for attempt in (lambda: clock.set_ahead(1), lambda: clock.at(LATE).__enter__()):
            with pytest.raises(RuntimeError):
                attempt()
        assert clock.now() == NOON


@pytest.mark.django_db
def test_a_muffled_bell_rings_nobody(settings, django_capture_on_commit_callbacks):
    settings.DOORBELL = True
    with django_capture_on_commit_callbacks() as rung, transaction.atomic():
        doorbell.ring("one")
        with doorbell.muffled():
            doorbell.ring("two")
        doorbell.ring("three")
    assert [bell.args for bell in rung] == [("one",), ("three",)]
