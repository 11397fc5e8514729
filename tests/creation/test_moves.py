"""The one door for every change of stage: the table is the only way, the chain of changes has no gap and verifies."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creation import stages
from creation.actions import files
from creation.actions.moves import change_hash, move
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import Assessment, Submission


def stage_of(file):
    return Assessment.objects.get(pk=file.pk).stage


def fresh(file):
    return Assessment.objects.get(pk=file.pk)


def test_of_two_who_hold_the_same_file_exactly_one_wins(world):
    file = world.bring_to(stages.PREPARED)
    mine, theirs = fresh(file), fresh(file)
    files.submit(mine, by=world["signatory"])
    with pytest.raises(Overtaken):
        files.reopen(theirs, by=world["clerk"])
    with pytest.raises(Overtaken):
        files.submit(theirs, by=world["signatory"])
    assert (stage_of(file), Submission.objects.count(), file.changes.count()) == (stages.SUBMITTED, 1, 3)


def test_every_step_of_the_table_goes_from_its_stages_and_from_no_other(world):
    file = world.start()
    for step in stages.STEPS.values():
        for stage in stages.LABELS:
            stale = Assessment(pk=file.pk, stage=stage, organ=file.organ, cycle=file.cycle)
            with transaction.atomic():
                expected = Overtaken if stage in step.from_stages else Refused
                expected = None if stage == stages.DRAFT and stage in step.from_stages else expected
                if expected is None:
                    move(stale, step.name, by=world["clerk"])
                else:
                    with pytest.raises(expected):
                        move(stale, step.name, by=world["clerk"])
                transaction.set_rollback(True)
    assert (stage_of(file), file.changes.count()) == (stages.DRAFT, 1)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.sampled_from(sorted(stages.STEPS)), max_size=15))
def test_random_steps_never_leave_the_table_and_the_chain_holds(world, steps):
    with transaction.atomic():
        file = world.start()
        stage = stages.DRAFT
        for step in steps:
            row = stages.STEPS[step]
            if stage in row.from_stages:
                move(file, step, by=world["clerk"], note=step)
                stage = row.to_stage
            else:
                with pytest.raises(Refused, match="is not possible"):
                    move(fresh(file), step, by=world["clerk"])
            assert stage_of(file) == file.stage == stage
        changes = list(file.changes.all())
        assert [change.number for change in changes] == list(range(1, len(changes) + 1))
        previous, folded = "", ""
        for change in changes:
            assert (change.previous_hash, change.hash) == (previous, change_hash(change))
            assert change.from_stage == folded
            previous, folded = change.hash, change.to_stage
        assert folded == stage
        transaction.set_rollback(True)


def test_a_change_told_otherwise_breaks_the_chain(world):
    change = world.start().changes.get()
    change.note = "told otherwise"
    assert change.hash != change_hash(change)


def test_a_stranger_finds_no_way_through_the_door(world):
    file = world.start()
    for verb in (files.prepare, files.reopen, files.submit):
        with pytest.raises(Forbidden):
            verb(fresh(file), by=world["stranger"])
    assert (stage_of(file), file.changes.count()) == (stages.DRAFT, 1)
