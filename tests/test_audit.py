"""The audit row stands or falls with its change."""

import pytest
from django.db import IntegrityError, transaction

from creation import clock, stages
from creation.actions import files, places
from creation.actions.events import record
from creation.models import CountChange, Event, StageChange, Submission
from reviews.demo import builders

pytestmark = pytest.mark.django_db


def test_a_step_that_fails_at_its_end_leaves_neither_stage_nor_event_nor_queue_row(world):
    file = world.bring_to(stages.PREPARED)
    taken = files.receipt_number(file, file.changes.count() + 1)
    other = world.bring_to(stages.SUBMITTED, world.far_organ)
    Submission.objects.create(
        assessment=other, number=taken, content="", sha256="", prepared_by=world["clerk"], by=world["city"],
        at=clock.now(),
    )  # fmt: skip
    before = StageChange.objects.count(), CountChange.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        files.submit(file, by=world["signatory"])
    file.refresh_from_db()
    assert file.stage == stages.PREPARED
    assert (StageChange.objects.count(), CountChange.objects.count()) == before


def test_a_change_of_the_register_that_fails_leaves_no_event(world):
    before = Event.objects.count()
    with pytest.raises(IntegrityError), transaction.atomic():
        places.correct_organ(world.organ, {"staff": 12}, by=world["registrar"])
        builders.make_organ(world.district, 1)  # the same credit code again
    assert Event.objects.count() == before
    world.organ.refresh_from_db()
    assert world.organ.staff is None


def test_an_event_written_outside_the_change_would_stay_behind(world):
    """The control arm: an event of its own transaction survives the change that failed."""
    record("correct", world.organ, by=world["registrar"], after={"staff": "12"})
    with pytest.raises(IntegrityError), transaction.atomic():
        builders.make_organ(world.district, 1)
    assert Event.objects.filter(verb="correct", subject_id=world.organ.pk).count() == 1


def test_a_correction_keeps_who_when_before_and_after(world):
    places.correct_organ(world.organ, {"staff": 12}, by=world["registrar"])
    event = Event.objects.get(verb="correct")
    assert (event.by, event.subject_type, event.subject_id) == (world["registrar"], "organ", world.organ.pk)
    assert (event.before["staff"], event.after["staff"]) == (None, "12")


def test_a_correction_of_nothing_is_no_event(world):
    places.correct_organ(world.organ, {"staff": None}, by=world["registrar"])
    assert not Event.objects.filter(verb="correct").exists()
