"""Visits: rated item by item and blind, with vetoes, filed once, and frozen from then on."""

import json
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from creation import clock, stages
from creation.actions import files, standards
from creation.errors import Overtaken, Refused
from creation.guards import without_guards
from creation.models import Appointment
from reviews.actions import findings, inspections
from reviews.demo import builders
from reviews.models import Inspection, Rating
from tests.cast import keyed
from tests.reviews.visits import item, rate, stage_of, visit

__all__ = ["visit"]  # a fixture is found by its name

DAY = timedelta(days=1)


# --- ratings -------------------------------------------------------------------------------------------------------


def test_what_was_found_gives_the_points(world, visit):
    rating = rate(visit, "2.2", {"present": [1]}, by=world["inspector2"], remark="有记录")
    assert (rating.points, rating.version, rating.saved_by.username) == (Decimal(2), 1, "inspector2")


@pytest.mark.parametrize("who", ["clerk", "official", "far_inspector", "checker", "city", "stranger"])
def test_only_the_team_rates(world, visit, who):
    with pytest.raises(PermissionDenied):
        rate(visit, "2.2", {"present": [1]}, by=world[who])
    assert Rating.objects.count() == 0


@pytest.mark.parametrize("found", [{"count": 1}, {"present": [9]}, {"present": "all"}])
def test_what_the_rubric_cannot_read_is_refused(world, visit, found):
    with pytest.raises(Refused):
        rate(visit, "2.2", found, by=world["inspector"])


def test_not_applicable_only_where_the_standard_allows_it(world, visit):
    assert rate(visit, "2.10", None, by=world["inspector"], not_applicable=True).points == Decimal(1)
    with pytest.raises(Refused, match="cannot be marked not applicable"):
        rate(visit, "2.2", None, by=world["inspector"], not_applicable=True)


def test_of_two_who_saw_the_same_version_the_second_is_told(world, visit):
    rate(visit, "2.2", {"present": [0]}, by=world["inspector"])
    rate(visit, "2.2", {"present": [0, 1]}, by=world["inspector2"], version=1)
    for stale in (0, 1):
        with pytest.raises(Overtaken):
            rate(visit, "2.2", {"present": []}, by=world["inspector"], version=stale)
    assert visit.ratings.get().points == Decimal(3)


@pytest.mark.parametrize("stage", ["rectifying", "filed"])
def test_nothing_is_recorded_while_the_file_stands_elsewhere(world, visit, stage):
    if stage == "filed":
        builders.rate_everything(visit, by=world["inspector"])
        inspections.file_inspection(visit, by=world["inspector"])
    else:
        due = clock.today() + DAY
        findings.raise_finding(
            visit, item(visit, "3.2"), kind="by_deadline", text="漏水", due_on=due, by=world["inspector"]
        )
        findings.require_rectification(visit, by=world["inspector"])
    with pytest.raises(Refused):
        rate(visit, "2.2", {"present": []}, by=world["inspector"], version=1)
    with pytest.raises(Refused):
        inspections.record_veto(visit, kind="verified_waste", reason="浪费", by=world["inspector"])


# --- vetoes --------------------------------------------------------------------------------------------------------


def test_a_veto_needs_a_reason_and_stands_once(world, visit):
    with pytest.raises(Refused, match="Give a reason"):
        inspections.record_veto(visit, kind="verified_waste", reason=" ", by=world["inspector"])
    inspections.record_veto(visit, kind="verified_waste", reason="媒体报道", by=world["inspector"])
    with pytest.raises(Refused, match="already"):
        inspections.record_veto(visit, kind="verified_waste", reason="再次", by=world["inspector2"])
    assert visit.vetoes.count() == 1


@pytest.mark.parametrize("who", ["clerk", "official", "stranger"])
def test_only_the_team_records_and_takes_back_vetoes(world, visit, who):
    veto = inspections.record_veto(visit, kind="verified_waste", reason="浪费", by=world["inspector"])
    with pytest.raises(PermissionDenied):
        inspections.record_veto(visit, kind="falsified_data", reason="造假", by=world[who])
    with pytest.raises(PermissionDenied):
        inspections.take_back_veto(veto, by=world[who])


def test_a_veto_by_clicking_and_back_again_twice(world, sign_in, visit):
    client = sign_in("inspector")
    typed = keyed(kind="verified_waste", reason="媒体报道属实")
    added = [client.post(reverse("veto_add", args=[visit.pk]), typed) for _click in range(2)]
    assert [answer.url for answer in added] == [reverse("inspection_detail", args=[visit.pk])] * 2
    assert visit.vetoes.count() == 1
    key, url = keyed(), reverse("veto_take_back", args=[visit.pk, "verified_waste"])
    assert [client.post(url, key).status_code for _click in range(2)] == [302, 302]
    assert visit.vetoes.count() == 0
    answer = client.post(url, keyed(), follow=True)
    assert [str(message) for message in answer.context["messages"]][-1] == "This veto has been taken back already."


# --- filing --------------------------------------------------------------------------------------------------------


def test_filing_needs_every_indicator_rated(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    visit.ratings.get(indicator__code="4.2").delete()
    with pytest.raises(Refused) as refused:
        inspections.file_inspection(visit, by=world["inspector"])
    assert refused.value.problems == [("4.2", "Not rated yet")]
    assert stage_of(visit) == stages.UNDER_INSPECTION


@pytest.mark.parametrize("who", ["inspector2", "official", "clerk", "stranger"])
def test_only_the_lead_files(world, visit, who):
    builders.rate_everything(visit, by=world["inspector"])
    with pytest.raises(PermissionDenied):
        inspections.file_inspection(visit, by=world[who])


def test_a_visit_that_passes_moves_the_file_on(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    filed = inspections.file_inspection(visit, by=world["inspector"], statement="合格")
    assert (filed.passed, filed.total, stage_of(visit)) == (True, Decimal("100.00"), stages.INSPECTED)
    assert len(filed.sha256) == 64


def test_an_unmet_gate_fails_whatever_the_points(world, visit):
    builders.rate_everything(visit, by=world["inspector"], poor=("1.1",))
    rate(visit, "A.1", {"count": 99}, by=world["inspector"])
    filed = inspections.file_inspection(visit, by=world["inspector"])
    assert filed.total == Decimal("105.00")  # 95 points and the whole bonus
    assert (filed.passed, stage_of(visit)) == (False, stages.NOT_MET)


def test_a_veto_fails_at_full_points(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.record_veto(visit, kind="falsified_data", reason="台账造假", by=world["inspector"])
    filed = inspections.file_inspection(visit, by=world["inspector"])
    assert (filed.total, filed.passed, stage_of(visit)) == (Decimal("100.00"), False, stages.NOT_MET)


def levels(code, points, *given, **more):
    rubric = {"method": "levels", "levels": [{"points": each, "label": {"zh": "档"}} for each in given]}
    return {"code": code, "points": points, "name": {"zh": code}, "rubric": rubric, **more}


def visit_by_small_standard(world):
    """A visit by a standard whose second item may leave the base: 53.33 of 100 points then stand for 79.995 of 150."""
    items = [levels("1.1", 100, 53.33, 53.34, 100), levels("1.2", 50, 0, 50, not_applicable="rescale")]
    small = {"code": "SMALL", "version": 1, "name": {"zh": "小标准"}, "effective_from": "2020-01-01", "bonus_cap": 0}
    small |= {
        "pass_mark": 80,
        "full_points": 150,
        "dimensions": [{"code": "1", "name": {"zh": "一"}, "indicators": items}],
    }
    standard = standards.import_standard(json.dumps(small).encode(), by=world["city"])
    standards.publish_standard(standard, by=world["city"])
    cycle = builders.make_cycle(world.city, standard, by=world["city"], year=world.cycle.year + 1)
    file = files.start(world.organ, cycle, by=world["clerk"])
    return builders.bring_to(file, stages.UNDER_INSPECTION, world.cast_for(world.organ)).inspections.get()


@pytest.mark.parametrize(("level", "total", "passed"), [(0, "79.99", False), (1, "80.01", True)])
def test_an_exact_79_995_does_not_become_a_pass_by_being_rounded(world, level, total, passed):
    visit = visit_by_small_standard(world)
    rate(visit, "1.1", {"level": level}, by=world["inspector"])
    rate(visit, "1.2", None, by=world["inspector"], not_applicable=True)
    exact = visit.result()
    if not passed:
        assert (exact.total, exact.total_rounded) == (Fraction(79995, 1000), Decimal("80.00"))
    filed = inspections.file_inspection(visit, by=world["inspector"])
    assert (filed.total, filed.passed) == (Decimal(total), passed)
    assert stage_of(visit) == (stages.INSPECTED if passed else stages.NOT_MET)


@pytest.mark.parametrize("passes", [True, False])
def test_an_open_finding_keeps_only_a_passing_visit_from_being_filed(world, visit, passes):
    builders.rate_everything(visit, by=world["inspector"], poor=() if passes else ("1.1",))
    findings.raise_finding(visit, item(visit, "3.2"), kind="on_the_spot", text="漏水", by=world["inspector"])
    if passes:
        with pytest.raises(Refused, match="have not been accepted"):
            inspections.file_inspection(visit, by=world["inspector"])
        assert stage_of(visit) == stages.UNDER_INSPECTION
    else:
        assert inspections.file_inspection(visit, by=world["inspector"]).passed is False


@pytest.mark.parametrize("days", [-30, 0])
def test_a_conflict_that_arose_before_filing_refuses(world, visit, days):
    builders.rate_everything(visit, by=world["inspector"])
    Appointment.objects.create(
        user=world["inspector2"], role="signatory", organ=world.organ, starts_on=clock.today() + days * DAY
    )
    with pytest.raises(Refused) as refused:
        inspections.file_inspection(visit, by=world["inspector"])
    assert refused.value.problems == [("inspector2", "works or recently worked at the organ")]
    assert stage_of(visit) == stages.UNDER_INSPECTION


def test_a_conflict_that_arose_after_the_visit_refuses_too(world, visit):
    Inspection.objects.filter(pk=visit.pk).update(visit_on=clock.today() - 10 * DAY)
    visit.refresh_from_db()
    builders.rate_everything(visit, by=world["inspector"])
    Appointment.objects.create(
        user=world["inspector2"], role="clerk", organ=world.organ, starts_on=clock.today() - 5 * DAY
    )
    with pytest.raises(Refused) as refused:
        inspections.file_inspection(visit, by=world["inspector"])
    assert refused.value.problems == [("inspector2", "works or recently worked at the organ")]


def test_a_visit_is_filed_once(world, visit):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    with pytest.raises(Refused, match="has been filed"):
        inspections.file_inspection(visit, by=world["inspector"])


# --- frozen --------------------------------------------------------------------------------------------------------

CHANGES = {
    "verdict": "UPDATE reviews_inspection SET passed = NOT passed, total = 1 WHERE id = %(visit)s",
    "statement": "UPDATE reviews_inspection SET statement = 'x' WHERE id = %(visit)s",
    "unfiled": "UPDATE reviews_inspection SET filed_at = NULL, passed = NULL WHERE id = %(visit)s",
    "gone": "DELETE FROM reviews_inspection WHERE id = %(visit)s",
    "points": "UPDATE reviews_rating SET points = 0 WHERE inspection_id = %(visit)s",
    "rating gone": "DELETE FROM reviews_rating WHERE inspection_id = %(visit)s",
    "team": "DELETE FROM reviews_teammember WHERE inspection_id = %(visit)s",
    "finding": "UPDATE reviews_finding SET text = 'x' WHERE inspection_id = %(visit)s",
    "veto": "UPDATE reviews_veto SET reason = 'x' WHERE inspection_id = %(visit)s",
}


def run(statement, visit):
    """Run raw SQL in a transaction of its own and return how many rows it touched; undone afterwards."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, {"visit": visit.pk})
            touched = cursor.rowcount
            transaction.set_rollback(True)
    except DatabaseError:
        return "refused"
    return touched


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_filed_visit_is_frozen_in_the_database_and_only_then(world, visit, name):
    builders.rate_everything(visit, by=world["inspector"])
    findings.raise_finding(visit, item(visit, "3.2"), kind="on_the_spot", text="漏水", by=world["inspector"])
    inspections.record_veto(visit, kind="falsified_data", reason="造假", by=world["inspector"])
    if name not in {"verdict", "gone", "unfiled"}:  # what says nothing, or is tied by keys, before it is filed
        assert run(CHANGES[name], visit) > 0
    inspections.file_inspection(visit, by=world["inspector"])
    assert run(CHANGES[name], visit) == "refused"


@pytest.mark.parametrize("name", ["verdict", "statement", "points", "finding", "veto"])
def test_control_without_the_guards_the_same_statement_gets_through(world, visit, name):
    builders.rate_everything(visit, by=world["inspector"])
    findings.raise_finding(visit, item(visit, "3.2"), kind="on_the_spot", text="漏水", by=world["inspector"])
    inspections.record_veto(visit, kind="falsified_data", reason="造假", by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    with without_guards():
        assert run(CHANGES[name], visit) > 0
