"""Visits: rated item by item and blind, with vetoes, filed once, and frozen from then on."""

import json
import re
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
from creation.models import Appointment, Assessment, Indicator, User
from reviews.actions import findings, inspections, teams
from reviews.demo import builders
from reviews.models import Inspection, Rating
from tests.cast import keyed

DAY = timedelta(days=1)


@pytest.fixture
def visit(world) -> Inspection:
    """A visit that has been assigned, nothing rated yet."""
    return world.bring_to(stages.UNDER_INSPECTION).inspections.get()


def item(visit, code) -> Indicator:
    return visit.assessment.cycle.standard.indicators.get(code=code)


def stage_of(visit):
    return Assessment.objects.get(pk=visit.assessment_id).stage


def page(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def rate(visit, code, found, *, by, **more):
    return inspections.save_rating(visit, item(visit, code), found=found, by=by, **more)


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


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        (
            "inspection_detail",
            {"public": 302, "stranger": 404, "clerk2": 404, "far_official": 404, "far_inspector": 404},
        ),
        ("inspection_detail", {"clerk": 200, "official": 200, "viewer": 200, "inspector": 200, "inspector2": 200}),
        ("inspection_file", {"public": 302, "stranger": 404, "clerk2": 404, "inspector2": 403, "official": 403}),
        ("inspection_rectify", {"public": 302, "stranger": 404, "clerk": 403, "inspector2": 403, "inspector": 200}),
        ("veto_add", {"public": 302, "stranger": 404, "clerk": 403, "official": 403, "inspector2": 200}),
        ("finding_add", {"public": 302, "stranger": 404, "clerk": 403, "official": 403, "inspector2": 200}),
    ],
)
def test_who_may_open_the_pages_of_a_visit(world, sign_in, visit, name, answers):
    assert {who: page(sign_in(who), name, visit.pk).status_code for who in answers} == answers


def test_who_may_open_an_item(world, sign_in, visit):
    wanted = {"public": 302, "stranger": 404, "clerk2": 404, "clerk": 403, "official": 403, "inspector2": 200}
    assert {who: page(sign_in(who), "inspection_item", visit.pk, "2.2").status_code for who in wanted} == wanted
    assert page(sign_in("inspector"), "inspection_item", visit.pk, "99").status_code == 404


def three_visits(world):
    for organ in (world.organ, world.neighbour):
        builders.bring_to(world.start(organ), stages.UNDER_INSPECTION, world.cast_for(organ))
    file = world.bring_to(stages.SUBMITTED, world.far_organ)
    builders.make_person("helper", ("inspector", world.other_district))
    Appointment.objects.create(
        user=world["inspector"], role="inspector", region=world.other_district, starts_on=builders.LONG_AGO
    )
    team = [world["inspector"], world["far_inspector"]]
    with clock.at(clock.now() - DAY):
        teams.assign(file, team=team, lead=team[0], visit_on=clock.today(), by=world["far_official"])


def test_today_s_visits_come_first_then_the_others_by_date(world, sign_in):
    three_visits(world)
    stops = page(sign_in("inspector"), "inspection_list").context["stops"]
    assert [(str(stop.visit.assessment.organ), stop.items, str(stop.next)) for stop in stops] == [
        ("Organ 1", 29, "Rate the items"),
        ("Organ 2", 29, "Rate the items"),
        ("Organ 3", 29, "Rate the items"),
    ]
    assert page(sign_in("stranger"), "inspection_list").context["stops"] == []
    assert page(sign_in("official"), "inspection_list").context["stops"] == []
    assert page(sign_in("public"), "inspection_list").status_code == 302


def test_a_filed_visit_stays_listed_among_the_filed_ones(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    client = sign_in("inspector2")
    assert [str(stop.next) for stop in page(client, "inspection_list").context["stops"]] == ["Check and file"]
    inspections.file_inspection(visit, by=world["inspector"])
    assert page(client, "inspection_list").context["stops"] == []
    filed = page(client, "inspection_list", state="filed").context["stops"]
    assert [str(stop.next) for stop in filed] == ["Filed: passed"]


@pytest.mark.parametrize("number", [1, 3])
def test_my_visits_cost_the_same_at_one_row_and_at_three(world, sign_in, django_assert_num_queries, number):
    if number == 3:
        three_visits(world)
    else:
        world.bring_to(stages.UNDER_INSPECTION)
    client = sign_in("inspector")
    # session, person, messages, posts, number of visits, visits, items of their standards, contacts, findings
    with django_assert_num_queries(9):
        response = page(client, "inspection_list")
    assert len(response.context["stops"]) == number


def test_what_is_decided_on_site_comes_first(world, sign_in, visit):
    walk = page(sign_in("inspector"), "inspection_detail", visit.pk).context["walk"]
    order = [item.indicator.code for item in walk.items]
    assert order[:4] == ["2.6", "2.9", "2.11", "3.1"]
    assert order[-2:] == ["5.3", "A.1"]
    assert len(order) == 30


def test_the_same_line_says_how_far_the_visit_is(world, sign_in, visit):
    client = sign_in("inspector")
    assert page(client, "inspection_detail", visit.pk).context["headline"] == (
        "Not filed · 0 of 29 items rated · 0 points so far"
    )
    rate(visit, "1.1", {"met": False}, by=world["inspector"])
    rate(visit, "2.2", {"present": [1]}, by=world["inspector"])
    findings.raise_finding(visit, item(visit, "3.2"), kind="on_the_spot", text="漏水", by=world["inspector"])
    assert page(client, "inspection_item", visit.pk, "2.2").context["headline"] == (
        "Not filed · 2 of 29 items rated · 2 points so far · cannot pass · 1 open finding"
    )


def test_the_team_s_points_are_its_own_until_filed(world, sign_in, visit):
    rate(visit, "2.2", {"present": [1]}, by=world["inspector"])
    response = page(sign_in("official"), "inspection_detail", visit.pk)
    assert response.context["reads_ratings"] is False
    assert response.context["headline"] == "Not filed · 1 of 29 items rated"
    assert reverse("inspection_item", args=[visit.pk, "2.2"]) not in response.content.decode()


def test_an_item_is_saved_and_the_next_one_opens(world, sign_in, visit):
    client, url = sign_in("inspector"), reverse("inspection_item", args=[visit.pk, "2.6"])
    answer = client.post(url, keyed(found=["0"], remark="现场查看", version="0", then="next"))
    assert answer.url == reverse("inspection_item", args=[visit.pk, "2.9"])
    rating = visit.ratings.get()
    assert (rating.indicator.code, rating.found, rating.remark) == ("2.6", {"present": [0]}, "现场查看")


def test_after_the_last_item_the_visit_opens_and_a_finding_on_demand(world, sign_in, visit):
    client = sign_in("inspector")
    last = client.post(
        reverse("inspection_item", args=[visit.pk, "A.1"]), keyed(found="1", remark="", version="0", then="next")
    )
    assert last.url == reverse("inspection_detail", args=[visit.pk])
    finding = client.post(
        reverse("inspection_item", args=[visit.pk, "3.2"]), keyed(found="1", remark="", version="0", then="finding")
    )
    assert finding.url == reverse("finding_add", args=[visit.pk]) + "?item=3.2"
    assert client.get(finding.url).context["form"].initial == {"indicator": "3.2"}


def test_a_double_click_saves_once(world, sign_in, visit):
    data = keyed(found=["0"], remark="", version="0")
    client, url = sign_in("inspector"), reverse("inspection_item", args=[visit.pk, "2.6"])
    assert [client.post(url, data).url for _click in range(2)] == [
        reverse("inspection_item", args=[visit.pk, "2.9"])
    ] * 2
    assert visit.ratings.get().version == 1


def test_a_form_without_its_key_is_a_bad_request(world, sign_in, visit):
    answer = sign_in("inspector").post(reverse("inspection_item", args=[visit.pk, "2.6"]), {"version": "0"})
    assert answer.status_code == 400


def test_a_stale_item_shows_both_entries_and_loses_neither(world, sign_in, visit):
    url = reverse("inspection_item", args=[visit.pk, "3.2"])
    rate(visit, "3.2", {"count": 1}, by=world["inspector2"], remark="一处")
    stale = keyed(found="2", remark="两处", version="0")
    client = sign_in("inspector")
    answer = client.post(url, stale)
    assert answer.status_code == 200
    conflict = answer.context["conflict"]
    assert (conflict.saved.found, conflict.typed.found) == ({"count": 1}, {"count": 2})
    text = answer.content.decode()
    assert "一处" in text
    assert "两处" in text
    again = keyed(found="2", remark="两处", version=answer.context["form"]["version"].value())
    assert client.post(url, again).status_code == 302
    assert (visit.ratings.get().found, visit.ratings.get().version) == ({"count": 2}, 2)


def test_an_entry_that_cannot_be_read_stays_on_the_page(world, sign_in, visit):
    url = reverse("inspection_item", args=[visit.pk, "3.2"])
    answer = sign_in("inspector").post(url, keyed(found="many", remark="保留", version="0"))
    text = answer.content.decode()
    assert "<title>Error:" in text
    assert "many" in text
    assert "保留" in text
    assert visit.ratings.count() == 0


def test_a_filed_item_is_read_and_no_longer_written(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    inspections.file_inspection(visit, by=world["inspector"])
    for who in ("inspector", "clerk", "official"):
        response = page(sign_in(who), "inspection_item", visit.pk, "2.2")
        assert (response.status_code, response.context["shows_form"]) == (200, False)
    answer = sign_in("inspector").post(
        reverse("inspection_item", args=[visit.pk, "2.2"]), keyed(found=["0"], remark="迟到", version="1")
    )
    text = answer.content.decode()
    assert "has been filed" in text
    assert "迟到" in text


# --- the check page ------------------------------------------------------------------------------------------------


def check(client, visit):
    return page(client, "inspection_file", visit.pk)


def file_it(client, visit, verdict, **fields):
    data = keyed(verdict=verdict, statement="已核实", **fields)
    return client.post(reverse("inspection_file", args=[visit.pk]), data)


def test_the_check_page_names_what_is_missing(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    visit.ratings.get(indicator__code="4.2").delete()
    response = check(sign_in("inspector"), visit)
    assert [item.indicator.code for item in response.context["walk"].missing] == ["4.2"]
    assert "cannot be filed yet" in response.content.decode()


@pytest.mark.parametrize(
    ("poor", "button", "stage"),
    [((), "File the inspection: passed", stages.INSPECTED), (("1.1",), "File the inspection: not met", stages.NOT_MET)],
)
def test_the_button_says_where_the_file_goes(world, sign_in, visit, poor, button, stage):
    builders.rate_everything(visit, by=world["inspector"], poor=poor)
    client = sign_in("inspector")
    response = check(client, visit)
    assert response.context["step"].label == button
    assert file_it(client, visit, response.context["verdict"]).url == reverse("file_detail", args=[visit.assessment_id])
    assert stage_of(visit) == stage
    assert Inspection.objects.get(pk=visit.pk).statement == "已核实"


@pytest.mark.parametrize("shown", [True, False, None])
def test_a_visit_is_filed_with_the_verdict_that_its_lead_saw(world, visit, shown):
    builders.rate_everything(visit, by=world["inspector"], poor=("1.1",))
    if shown:
        with pytest.raises(Overtaken, match="the verdict with it"):
            inspections.file_inspection(visit, by=world["inspector"], shown=shown)
        assert stage_of(visit) == stages.UNDER_INSPECTION
    else:
        assert inspections.file_inspection(visit, by=world["inspector"], shown=shown).passed is False


def test_the_team_calls_the_clerks_of_the_day_and_no_former_ones(world, sign_in, visit):
    for username, first, last in [("former", -90, -1), ("coming", 3, 90), ("resting", -90, None)]:
        person = builders.make_person(username)
        Appointment.objects.create(
            user=person,
            role="clerk",
            organ=world.organ,
            starts_on=clock.today() + first * DAY,
            ends_on=None if last is None else clock.today() + last * DAY,
        )
    User.objects.filter(username="resting").update(is_active=False)
    shown = page(sign_in("inspector"), "inspection_detail", visit.pk).context["contacts"]
    assert [user.username for user in shown] == ["clerk"]


def test_a_verdict_that_turned_in_the_meantime_is_not_filed_unseen(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    client = sign_in("inspector")
    seen = check(client, visit).context["verdict"]
    rate(visit, "1.1", {"met": False}, by=world["inspector2"], version=1)
    answer = file_it(client, visit, seen)
    assert answer.status_code == 200
    assert "the verdict with it" in answer.content.decode()
    assert answer.context["verdict"] == "failed"
    assert stage_of(visit) == stages.UNDER_INSPECTION
    assert Inspection.objects.get(pk=visit.pk).is_filed is False


def test_a_double_click_files_once(world, sign_in, visit):
    builders.rate_everything(visit, by=world["inspector"])
    data = keyed(verdict="passed", statement="")
    client, url = sign_in("inspector"), reverse("inspection_file", args=[visit.pk])
    assert [client.post(url, data).status_code for _click in range(2)] == [302, 302]
    assert visit.assessment.changes.filter(step="pass").count() == 1


# --- blind ---------------------------------------------------------------------------------------------------------

MARK = "自评说明甲乙丙"


@pytest.fixture
def marked(world):
    """A visit to an organ whose own rating is easy to recognise: 98 points; an explanation found nowhere else."""
    file = world.start()
    builders.answer_everything(file, by=world["clerk"], poor=("2.1", "2.3"))
    answer = file.answers.get(indicator__code="2.2")
    type(answer).objects.filter(pk=answer.pk).update(remark=MARK)
    cast = world.cast_for(world.organ)
    files.prepare(file, by=cast["clerk"])
    builders._submit(file, cast)
    builders._assign(file, cast)
    return file.inspections.get()


def addresses(visit):
    return [
        reverse("file_detail", args=[visit.assessment_id]),
        reverse("inspection_detail", args=[visit.pk]),
        *(reverse("inspection_item", args=[visit.pk, code]) for code in ("2.1", "2.2", "1.1", "3.2")),
    ]


@pytest.mark.parametrize("who", ["inspector", "inspector2"])
def test_the_team_sees_no_own_points_of_the_organ_before_filing(world, sign_in, marked, who):
    client = sign_in(who)
    for url in addresses(marked):
        response = client.get(url)
        text = response.content.decode()
        assert response.status_code == 200
        assert (MARK in text) == url.endswith("/2.2/")  # what explains is shown at its item, as evidence is
        assert re.findall(r"98\.00|\b98 points|>98<", text) == []
    for code in ("2.1", "2.2"):
        item_page = client.get(reverse("inspection_item", args=[marked.pk, code]))
        assert (item_page.context["own"], item_page.context["own_text"]) == (None, "")
        assert "Not shown until the team" in item_page.content.decode()


def test_the_team_sees_the_evidence_all_the_same(world, sign_in, marked):
    attachment = marked.assessment.attachments.first()
    client = sign_in("inspector")
    text = page(client, "inspection_item", marked.pk, attachment.indicator.code).content.decode()
    url = reverse("evidence_file", args=[attachment.evidence_id])
    assert url in text
    download = client.get(url)
    assert download.status_code == 200
    assert b"".join(download.streaming_content).startswith(b"%PDF")


def test_after_filing_the_organ_s_points_stand_beside_the_team_s(world, sign_in, marked):
    builders.rate_everything(marked, by=world["inspector"])
    inspections.file_inspection(marked, by=world["inspector"])
    client = sign_in("inspector")
    own = page(client, "inspection_item", marked.pk, "2.2").context["own"]
    assert (own.points, own.remark) == (Decimal(3), MARK)
    comparison = page(client, "file_detail", marked.assessment_id).context["comparison"]
    assert [total for _label, total in comparison.totals] == ["98.00", "100.00"]


def test_control_where_the_round_is_not_blind_the_team_sees_them(world, sign_in, marked):
    with without_guards():
        world.cycle.blind = False
        world.cycle.save(update_fields=["blind"])
    client = sign_in("inspector")
    assert page(client, "inspection_item", marked.pk, "2.2").context["own"].points == Decimal(3)
    assert page(client, "file_detail", marked.assessment_id).context["self_result"].total_shown == 98


def test_whoever_is_not_on_the_team_reads_the_organ_s_points(world, sign_in, marked):
    assert page(sign_in("official"), "file_detail", marked.assessment_id).context["self_result"].total_shown == 98
