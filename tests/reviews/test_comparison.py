"""Blind by default: own points first, then the organ's beside them, one change for each item with a reason."""

import json
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from creation import clock, stages
from creation.errors import Overtaken, Refused
from creation.guards import without_guards
from creation.models import Cycle, Event
from creation.rules import may
from reviews.actions import inspections
from reviews.actions.comparison import change_after_comparison, finish_own_points
from reviews.demo import builders
from reviews.models import Inspection, PhoneRecord

MISSING = [("2.2", "Cannot be checked so far: 档案室已锁"), ("4.2", "Not rated yet")]


@pytest.fixture
def visit(world):
    """A visit of a blind round, every item rated; 2.2 with one of its parts (2 of 3 points)."""
    visit = world.bring_to(stages.UNDER_INSPECTION).inspections.get()
    builders.rate_everything(visit, by=world["inspector"])
    rate(visit, "2.2", {"present": [1]}, by=world["inspector"], version=1)
    return visit


def item(visit, code):
    return visit.assessment.cycle.standard.indicators.get(code=code)


def rate(visit, code, found, *, by, **more):
    return inspections.save_rating(visit, item(visit, code), found=found, by=by, **more)


def change(visit, code, found, *, by, reason="台账补充出示", **more):
    return change_after_comparison(visit, item(visit, code), found=found, by=by, reason=reason, **more)


def reads_self(visit, user):
    fresh = Inspection.objects.select_related("assessment__cycle", "assessment__organ__region").get(pk=visit.pk)
    return may(user, "file.read_self_points", fresh.assessment)


# --- what cannot be checked ----------------------------------------------------------------------------------------


def test_what_cannot_be_checked_stays_unrated_with_its_reason(world, visit):
    row = rate(visit, "2.2", None, by=world["inspector"], cannot_check=" 档案室已锁 ", version=2)
    assert (row.cannot_check, row.found, row.points) == ("档案室已锁", None, None)
    visit.ratings.get(indicator__code="4.2").delete()
    for verb in (inspections.file_inspection, finish_own_points):
        with pytest.raises(Refused) as refused:
            verb(visit, by=world["inspector"])
        assert [(code, str(why)) for code, why in refused.value.problems] == MISSING
    row = rate(visit, "2.2", {"present": [1]}, by=world["inspector2"], version=3)
    assert (row.cannot_check, row.points) == ("", Decimal(2))


@pytest.mark.parametrize("entry", [{"found": {"present": [1]}}, {"found": None, "not_applicable": True}])
def test_an_item_is_rated_or_cannot_be_checked_not_both(world, visit, entry):
    with pytest.raises(Refused, match="not both"):
        rate(visit, "2.2", by=world["inspector"], cannot_check="锁", version=2, **entry)


# --- finishing -----------------------------------------------------------------------------------------------------


def test_with_the_own_points_finished_the_team_reads_the_organs(world, visit):
    team = ("inspector", "inspector2")
    assert [reads_self(visit, world[who]) for who in team] == [False, False]
    finished = finish_own_points(visit, by=world["inspector"])
    assert finished.own_points_by == world["inspector"]
    assert [reads_self(visit, world[who]) for who in team] == [True, True]
    assert not reads_self(visit, world["stranger"])
    told = Event.objects.get(verb="finish_own_points")
    assert (told.by, told.subject_id, told.after) == (world["inspector"], visit.pk, {"total": "99.00"})


@pytest.mark.parametrize("who", ["inspector2", "official", "clerk", "checker", "stranger"])
def test_only_the_lead_finishes(world, visit, who):
    with pytest.raises(PermissionDenied):
        finish_own_points(visit, by=world[who])
    assert Inspection.objects.get(pk=visit.pk).own_points_at is None


def test_they_are_finished_once(world, visit):
    first = finish_own_points(visit, by=world["inspector"])
    with pytest.raises(Overtaken):
        finish_own_points(visit, by=world["inspector"])
    assert Inspection.objects.get(pk=visit.pk).own_points_at == first.own_points_at
    assert Event.objects.filter(verb="finish_own_points").count() == 1


def test_not_once_the_visit_is_filed(world, visit):
    inspections.file_inspection(visit, by=world["inspector"])
    with pytest.raises(Refused, match="has been filed"):
        finish_own_points(visit, by=world["inspector"])


def test_nothing_to_finish_where_the_round_is_not_blind(world, visit):
    with without_guards():
        Cycle.objects.update(blind=False)
    assert reads_self(visit, world["inspector2"])
    with pytest.raises(Refused, match="from the beginning"):
        finish_own_points(visit, by=world["inspector"])
    assert rate(visit, "2.2", {"present": [0, 1]}, by=world["inspector"], version=2).points == Decimal(3)


def test_a_spot_checker_never_compares_before_filing(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    cast = world.cast_for(world.organ)
    second = builders.teams.assign_spot_check(
        file,
        team=[cast["checker"], cast["checker2"]],
        lead=cast["checker"],
        visit_on=builders.clock.today(),
        by=cast["superior"],
    )
    builders.rate_everything(second, by=world["checker"])
    with pytest.raises(Refused, match="only once it has been filed"):
        finish_own_points(second, by=world["checker"])
    assert not reads_self(second, world["checker"])
    first = Inspection.objects.get(assessment=file, kind="inspection")
    assert not may(world["checker"], "inspection.read_ratings", first)
    with without_guards():  # control: not even a moment written by hand opens the others' points to a spot check
        Inspection.objects.filter(pk=second.pk).update(own_points_at=builders.clock.now())
    assert not reads_self(second, world["checker"])


# --- one change ----------------------------------------------------------------------------------------------------


def test_an_item_is_changed_once_with_a_reason_and_both_are_kept(world, visit):
    finish_own_points(visit, by=world["inspector"])
    row = change(visit, "2.2", {"present": [0, 1]}, by=world["inspector2"], version=2)
    assert (row.points, row.first_points, row.first_found) == (Decimal(3), Decimal(2), {"present": [1]})
    assert (row.change_reason, row.changed_by) == ("台账补充出示", world["inspector2"])
    with pytest.raises(Refused, match="once only"):
        change(visit, "2.2", {"present": []}, by=world["inspector"], version=3)
    assert visit.ratings.get(indicator__code="2.2").points == Decimal(3)


def test_plain_saving_ends_with_the_own_points(world, visit):
    finish_own_points(visit, by=world["inspector"])
    with pytest.raises(Refused, match="own points are finished"):
        rate(visit, "2.2", {"present": []}, by=world["inspector"], version=2)


def test_no_change_before_the_own_points_are_finished(world, visit):
    with pytest.raises(Refused, match="Finish the own points first"):
        change(visit, "2.2", {"present": []}, by=world["inspector"], version=2)


@pytest.mark.parametrize("who", ["official", "clerk", "far_inspector", "stranger"])
def test_only_the_team_changes(world, visit, who):
    finish_own_points(visit, by=world["inspector"])
    with pytest.raises(PermissionDenied):
        change(visit, "2.2", {"present": []}, by=world[who], version=2)


@pytest.mark.parametrize(
    ("found", "more", "field"),
    [
        ({"present": []}, {"reason": " "}, "reason"),
        (None, {}, "found"),
        ({"present": [1]}, {}, "found"),  # what stands there already
    ],
)
def test_a_change_says_something_new_and_why(world, visit, found, more, field):
    finish_own_points(visit, by=world["inspector"])
    with pytest.raises(Refused) as refused:
        change(visit, "2.2", found, by=world["inspector"], version=2, **more)
    assert refused.value.field == field
    assert visit.ratings.get(indicator__code="2.2").changed_at is None


def test_of_two_changes_the_second_is_told(world, visit):
    finish_own_points(visit, by=world["inspector"])
    with pytest.raises(Overtaken):
        change(visit, "2.2", {"present": []}, by=world["inspector"], version=1)


def test_a_bonus_item_first_looked_at_then(world, visit):
    finish_own_points(visit, by=world["inspector"])
    row = change(visit, "A.1", {"count": 1}, by=world["inspector"])
    assert (row.first_found, row.first_points, row.changed_by) == (None, None, world["inspector"])


def test_the_filed_content_says_both(world, visit):
    finish_own_points(visit, by=world["inspector"])
    change(visit, "2.2", {"present": [0, 1]}, by=world["inspector"], version=2)
    filed = inspections.file_inspection(visit, by=world["inspector"])
    says = json.loads(filed.content)
    assert "own_points_finished" in says
    (changed,) = [one for one in says["ratings"] if "before_comparison" in one]
    assert changed == {
        "indicator": "2.2",
        "found": {"present": [0, 1]},
        "not_applicable": False,
        "points": "3.00",
        "remark": "",
        "before_comparison": {"found": {"present": [1]}, "not_applicable": False, "points": "2.00"},
        "change_reason": "台账补充出示",
        "changed_by": "inspector",
    }


def test_filing_without_a_comparison_stays_possible(world, visit):
    filed = inspections.file_inspection(visit, by=world["inspector"])
    assert filed.own_points_at is None
    assert "own_points_finished" not in json.loads(filed.content)


def test_what_was_written_before_the_comparison_is_kept_too(world, visit):
    rate(visit, "2.2", {"present": [1]}, by=world["inspector"], remark="仅见台账", version=2)
    finish_own_points(visit, by=world["inspector"])
    row = change(visit, "2.2", {"present": [0, 1]}, by=world["inspector"], remark="文件补齐", version=3)
    assert (row.first_remark, row.remark) == ("仅见台账", "文件补齐")


def test_what_a_phone_recorded_is_settled_before_the_own_points_end(world, visit):
    record = kept_record(visit, by=world["inspector"])
    with pytest.raises(Refused, match="settle it first"):
        finish_own_points(visit, by=world["inspector"])
    PhoneRecord.objects.filter(pk=record.pk).update(state="settled")
    assert finish_own_points(visit, by=world["inspector"]).own_points_at


def kept_record(visit, *, by):
    """Keep a record in quarantine, as a phone would have left it."""
    return PhoneRecord.objects.create(
        inspection=visit, key=uuid4(), device=uuid4(), number=1, kind="rating", subject="2.2", payload={},
        sha256="0" * 64, recorded_at=clock.now(), received_at=clock.now(), by=by, state="quarantined",
        reason="overtaken",
    )  # fmt: skip


# --- below the verbs -----------------------------------------------------------------------------------------------

BEHIND = {
    "a rating without a reason": "UPDATE reviews_rating SET points = 0 WHERE indicator_id = %(other)s",
    "a second change": "UPDATE reviews_rating SET points = 0 WHERE indicator_id = %(changed)s",
    "what stood first": "UPDATE reviews_rating SET first_points = 0 WHERE indicator_id = %(changed)s",
    "a first rating that never was": (
        "UPDATE reviews_rating SET changed_at = saved_at, changed_by_id = saved_by_id, change_reason = 'x', "
        "first_points = 0, first_found = found, points = 0 WHERE indicator_id = %(other)s"
    ),
    "the rating itself": "DELETE FROM reviews_rating WHERE indicator_id = %(other)s",
    "the moment": "UPDATE reviews_inspection SET own_points_at = NULL WHERE id = %(visit)s",
}


@pytest.mark.parametrize("name", list(BEHIND))
def test_the_database_keeps_it(world, visit, name):
    finish_own_points(visit, by=world["inspector"])
    change(visit, "2.2", {"present": [0, 1]}, by=world["inspector"], version=2)
    ids = {"visit": visit.pk, "changed": item(visit, "2.2").pk, "other": item(visit, "2.1").pk}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(BEHIND[name], ids)
    with without_guards(), connection.cursor() as cursor:  # the control arm
        cursor.execute(BEHIND[name], ids)
        assert cursor.rowcount == 1
