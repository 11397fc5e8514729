"""The window of the self-rating, to the second."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from creation import clock, stages
from creation.actions import cycles, files
from reviews.demo import builders
from tests.creation.standing import fresh, refusal

SHANGHAI = ZoneInfo("Asia/Shanghai")
LAST_SECOND = time(23, 59, 59)


def at(day, moment):
    return time_machine.travel(datetime.combine(day, moment, tzinfo=SHANGHAI), tick=False)


def window(world, first, last):
    """Return a round whose self-rating lasts from `first` to `last` (days from today)."""
    today = clock.today()
    return builders.make_cycle(
        world.city,
        world.standard,
        by=world["city"],
        year=today.year + 1,
        self_rating_from=today + timedelta(days=first),
        self_rating_until=today + timedelta(days=last),
    )


def test_the_window_opens_with_the_first_second_of_its_first_day(world):
    cycle = window(world, 5, 9)
    first = cycle.self_rating_from
    with at(first - timedelta(days=1), LAST_SECOND):
        said = refusal(files.start, world.organ, cycle, by=world["clerk"])
    assert said == f"The window for this step opens on {first.isoformat()}."
    with at(first, time(0, 0, 0)):
        assert files.start(world.organ, cycle, by=world["clerk"]).stage == stages.DRAFT


@pytest.mark.parametrize("step", ["start", "prepare", "submit"])
def test_the_last_second_of_the_last_day_counts_and_the_next_does_not(world, step):
    last = world.cycle.self_rating_until
    first, second = world.organ, world.neighbour
    steps = {"start": _start, "prepare": _prepare, "submit": _submit}
    ready = {"start": None, "prepare": stages.DRAFT, "submit": stages.PREPARED}[step]
    for organ in (first, second):
        if ready:
            file = world.bring_to(ready, organ)
            if step == "prepare":
                builders.answer_everything(file, by=world.clerk_of(organ))
    with at(last + timedelta(days=1), time(0, 0, 0)):
        said = refusal(steps[step], world, second)
    assert said == f"The window for this step ended on {last.isoformat()}."
    with at(last, LAST_SECOND):
        steps[step](world, first)


@pytest.mark.parametrize("step", ["start", "prepare", "submit"])
def test_the_instant_of_arrival_counts_however_long_the_lock_was_waited_for(world, step):
    last = world.cycle.self_rating_until
    if step != "start":
        file = world.bring_to(stages.DRAFT if step == "prepare" else stages.PREPARED)
    if step == "prepare":
        builders.answer_everything(file, by=world["clerk"])
    with at(last, time(23, 59, 58)) as traveller, clock.arrival():
        traveller.shift(timedelta(seconds=5))
        {"start": _start, "prepare": _prepare, "submit": _submit}[step](world, world.organ)
    assert world.organ.assessments.get().changes.last().at.astimezone(SHANGHAI).date() == last + timedelta(days=1)


def _start(world, organ):
    files.start(organ, world.cycle, by=world.clerk_of(organ))


def _prepare(world, organ):
    files.prepare(organ.assessments.get(), by=world.clerk_of(organ))


def _submit(world, organ):
    files.submit(organ.assessments.get(), by=world.cast_for(organ)["signatory"])


def test_nothing_is_handed_over_or_submitted_in_a_closed_round(world):
    prepared = world.bring_to(stages.PREPARED)
    draft = world.start(world.neighbour)
    builders.answer_everything(draft, by=world["clerk2"])
    cycles.close_cycle(world.cycle, by=world["city"])
    said = "The cycle has been closed."
    assert refusal(files.submit, fresh(prepared), by=world["signatory"]) == said
    assert refusal(files.prepare, fresh(draft), by=world["clerk2"]) == said
