"""Signatures under a visit: drawn by the team and the organ's representative, bounded, kept with what they signed."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction

from creation import clock, stages
from creation.errors import Refused
from creation.guards import without_guards
from reviews.actions import findings, inspections
from reviews.actions.signatures import sha256_to_sign, sign
from reviews.demo import builders
from reviews.models import Signature

DRAWN = [[[10, 20], [110.25, 220], [400, 30]], [[500, 100], [600, 180]]]


@pytest.fixture
def visit(world):
    """A visit that has been assigned, nothing rated yet."""
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def by_organ(visit, *, by, **changed):
    typed = {
        "side": "organ",
        "name": "王某",
        "position": "办公室主任",
        "strokes": DRAWN,
        "disagrees": False,
        "statement": "",
        "signed_at": clock.now(),
        "key": uuid4(),
    }
    return sign(visit, by=by, **(typed | changed))


def by_inspector(visit, user, *, by, **changed):
    return by_organ(visit, by=by, **({"side": "inspector", "user": user, "name": "", "position": ""} | changed))


def item(visit, code):
    return visit.assessment.cycle.standard.indicators.get(code=code)


# --- who signs -----------------------------------------------------------------------------------------------------


def test_the_organs_representative_signs_on_the_inspectors_device(world, visit):
    kept = by_organ(visit, by=world["inspector2"])
    assert (kept.name, kept.position, kept.user, kept.taken_by) == ("王某", "办公室主任", None, world["inspector2"])
    assert kept.strokes == [[[10, 20], [110.2, 220], [400, 30]], [[500, 100], [600, 180]]]
    assert kept.path == "M10 20L110.2 220L400 30M500 100L600 180"


def test_an_inspector_signs_under_the_name_on_the_register(world, visit):
    kept = by_inspector(visit, world["inspector2"], by=world["inspector"], name="somebody else")
    assert (kept.name, kept.user, kept.taken_by) == (world["inspector2"].name, world["inspector2"], world["inspector"])


@pytest.mark.parametrize("who", ["far_inspector", "clerk", "stranger", None])
def test_nobody_outside_the_team_signs_as_an_inspector(world, visit, who):
    with pytest.raises(Refused, match="Choose who of the team"):
        by_inspector(visit, who and world[who], by=world["inspector"])
    assert Signature.objects.count() == 0


@pytest.mark.parametrize("who", ["clerk", "signatory", "official", "far_inspector", "checker", "stranger"])
def test_only_the_team_takes_signatures(world, visit, who):
    with pytest.raises(PermissionDenied):
        by_organ(visit, by=world[who])
    assert Signature.objects.count() == 0


def test_the_same_key_lands_once(world, visit):
    key = uuid4()
    first = by_organ(visit, by=world["inspector"], key=key)
    again = by_organ(visit, by=world["inspector"], key=key, name="李某")
    assert (again.pk, again.name, Signature.objects.count()) == (first.pk, "王某", 1)


def test_a_key_of_another_visit_is_refused(world, visit):
    other = world.bring_to(stages.UNDER_INSPECTION, world.neighbour).inspections.get()
    kept = by_organ(visit, by=world["inspector"])
    with pytest.raises(Refused, match="another visit"):
        by_organ(other, by=world["inspector"], key=kept.key)


def test_a_clock_that_is_ahead_signs_now(world, visit):
    before = clock.now()
    kept = by_organ(visit, by=world["inspector"], signed_at=before + timedelta(hours=3))
    assert before <= kept.signed_at <= clock.now()


# --- what it says --------------------------------------------------------------------------------------------------


def test_a_disagreement_says_why(world, visit):
    with pytest.raises(Refused, match="disagrees with, and why") as refused:
        by_organ(visit, by=world["inspector"], disagrees=True, statement="  ")
    assert refused.value.field == "statement"
    kept = by_organ(visit, by=world["inspector"], disagrees=True, statement=" 3.4 已整改 ")
    assert (kept.disagrees, kept.statement) == (True, "3.4 已整改")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "王" * 81),
        ("name", "a\x00b"),
        ("position", " "),
        ("position", "主" * 81),
        ("statement", "长" * 2001),
        ("side", "public"),
    ],
)
def test_what_is_missing_or_too_long_is_refused_at_its_field(world, visit, field, value):
    with pytest.raises(Refused) as refused:
        by_organ(visit, by=world["inspector"], **{field: value})
    assert refused.value.field == field


def test_an_inspector_does_not_disagree(world, visit):
    with pytest.raises(Refused, match="Only the organ's representative"):
        by_inspector(visit, world["inspector"], by=world["inspector"], disagrees=True, statement="不同意")


@pytest.mark.parametrize(
    "strokes",
    [
        [],
        [[]],
        [[[1, 1]]],  # a touch by mistake
        "drawing",
        {"0": [[1, 1], [2, 2]]},
        [[[1, 1], [2]]],
        [[[1, 1], [2, 2, 2]]],
        [[[1, 1], ["2", 2]]],
        [[[1, 1], [True, 2]]],
        [[[1, 1], [None, 2]]],
        [[[1, 1], [-1, 2]]],
        [[[1, 1], [1000.5, 2]]],
        [[[1, 1], [2, 401]]],
        [[[1, 1], [float("nan"), 2]]],
        [[[1, 1], [float("inf"), 2]]],
        [[[1, 1], [2, 2]]] * 201,
        [[[1, 1]] * 5001],
    ],
)
def test_what_is_no_drawing_is_refused(world, visit, strokes):
    with pytest.raises(Refused) as refused:
        by_organ(visit, by=world["inspector"], strokes=strokes)
    assert refused.value.field == "strokes"
    assert Signature.objects.count() == 0


def test_the_largest_drawing_is_kept(world, visit):
    kept = by_organ(visit, by=world["inspector"], strokes=[[[0, 0], [1000, 400]] * 12 + [[5, 5]]] * 200)
    assert sum(len(stroke) for stroke in kept.strokes) == 5000


def test_a_signature_goes_with_what_stood_there(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    kept = by_organ(visit, by=world["inspector"])
    assert kept.signed_sha256 == sha256_to_sign(visit)
    by_inspector(visit, world["inspector2"], by=world["inspector"])
    assert kept.signed_sha256 == sha256_to_sign(visit)  # another signature changes nothing
    finding = findings.raise_finding(visit, item(visit, "3.4"), kind="on_the_spot", text="滴漏", by=world["inspector"])
    found = sha256_to_sign(visit)
    assert kept.signed_sha256 != found
    findings.answer_finding(finding, by=world["clerk"], text="已修")
    assert sha256_to_sign(visit) == found  # what the organ answers is none of the team's words
    inspections.save_rating(
        visit, item(visit, "2.2"), by=world["inspector"], found={"present": []}, version=1, remark="无记录"
    )
    assert sha256_to_sign(visit) != found


def test_nothing_is_signed_once_the_visit_is_filed(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    with pytest.raises(Refused, match="has been filed"):
        by_organ(visit, by=world["inspector"])
    row = {"inspection": visit, "side": "organ", "name": "王", "position": "主任", "strokes": DRAWN}
    row |= {"signed_sha256": "0" * 64, "key": uuid4(), "signed_at": clock.now(), "taken_by": world["inspector"]}
    with pytest.raises(DatabaseError), transaction.atomic():
        Signature.objects.create(**row)
    with without_guards():
        Signature.objects.create(**row)


def test_a_signature_never_changes(world, visit):
    kept = by_organ(visit, by=world["inspector"])
    change = "UPDATE reviews_signature SET disagrees = %s WHERE id = %s"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change, [False, kept.pk])
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(change, [False, kept.pk])
        assert cursor.rowcount == 1
