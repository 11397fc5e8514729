"""Deviations between the three ratings: exact, few cases marked, by inspector for who leads the department alone."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from creation import clock, stages
from creation.actions import files, people
from creation.errors import Refused
from creation.models import Event
from reviews.actions import inspections, teams
from reviews.demo import builders
from reviews.deviations import FEW, Pair, Summary, shown, summarise, verdict_on
from tests.cast import keyed

POINTS = st.decimals(0, 110, places=2)
PAIRS = st.builds(Pair, POINTS, POINTS, st.booleans())


def pair(earlier, later, changed=False):  # noqa: FBT002 a short hand
    return Pair(Decimal(earlier), Decimal(later), changed)


# --- the arithmetic ------------------------------------------------------------------------------------------------


def test_by_hand():
    five = [pair(80, 78), pair(80, 83), pair(90, 90), pair(70, "75.5", True), pair(60, "59.25")]
    summary = summarise(five)  # −2 + 3 + 0 + 5.5 − 0.75 = 5.75, without signs 11.25
    assert (summary.n, summary.mean, summary.mean_absolute) == (5, Fraction(115, 100), Fraction(225, 100))
    assert summary.changed_percent == 20


@pytest.mark.parametrize("n", [0, 1, FEW - 1])
def test_of_few_cases_nothing_but_their_number_is_told(n):
    summary = summarise([pair(80, 70, True)] * n)
    assert (summary.n, summary.is_few) == (n, True)
    assert (summary.mean, summary.mean_absolute, summary.changed_percent) == (None, None, None)


def test_five_are_enough():
    assert summarise([pair(80, 70, True)] * FEW).mean == -10


@pytest.mark.parametrize(
    ("exact", "text"),
    [((1, 3), "0.33"), ((2, 3), "0.67"), ((1, 8), "0.13"), ((-1, 8), "-0.13"), ((-1, 1000), "0.00"), ((7, 1), "7.00")],
)
def test_rounded_once_half_away_from_zero(exact, text):
    assert str(shown(Fraction(*exact))) == text


@pytest.mark.parametrize(
    ("points", "full", "word"), [("5", 5, "full"), ("4.99", 5, "part"), ("0", 5, "none"), ("0", 0, "full")]
)
def test_the_verdict_on_an_item(points, full, word):
    assert verdict_on(Decimal(points), Decimal(full)) == word


@given(st.lists(PAIRS), st.lists(PAIRS))
def test_parts_add_up_to_the_whole_in_any_order(some, others):
    assert summarise(some) + summarise(others) == summarise([*others, *some])
    assert summarise(some) + Summary() == summarise(some)


@given(st.lists(PAIRS, min_size=FEW))
def test_what_is_told_keeps_within_its_bounds(pairs):
    summary = summarise(pairs)
    assert abs(summary.mean) <= summary.mean_absolute <= 110
    assert 0 <= summary.changed_percent <= 100
    turned = summarise([Pair(one.later, one.earlier, one.changed) for one in pairs])
    assert (turned.mean, turned.mean_absolute) == (-summary.mean, summary.mean_absolute)


@given(st.fractions(-110, 110))
def test_what_is_shown_is_half_a_hundredth_off_at_most(exact):
    assert abs(Fraction(shown(exact)) - exact) <= Fraction(1, 200)
    assert shown(-exact) == -shown(exact)


# --- read from a round ---------------------------------------------------------------------------------------------


def visited(world, number, *, own=(), found=()):
    """An organ of the district whose own answers are poor at `own` and whose filed inspection is poor at `found`."""
    organ = builders.make_organ(world.district, number)
    for role in ("clerk", "signatory"):
        builders.make_person(f"{role}{number}", (role, organ))
    file = files.start(organ, world.cycle, by=world[f"clerk{number}"])
    builders.answer_everything(file, by=world[f"clerk{number}"], poor=own)
    files.prepare(file, by=world[f"clerk{number}"])
    files.submit(file, by=world[f"signatory{number}"])
    team = [world["inspector"], world["inspector2"]]
    visit = teams.assign(file, team=team, lead=team[0], visit_on=clock.today(), by=world["official"])
    builders.rate_everything(visit, by=world["inspector"], poor=found)
    inspections.file_inspection(visit, by=world["inspector"])
    return file


@pytest.fixture
def five(world):
    """Five inspections: 2.1 (1 point) lost in two, 3.1 (6 points) given back in one, the gate 1.1 unmet in one."""
    poor = [((), ("2.1",)), ((), ("2.1",)), (("3.1",), ()), ((), ("1.1",)), ((), ())]
    return [visited(world, 40 + n, own=own, found=found) for n, (own, found) in enumerate(poor)]


def page(client, name="deviation_list", **asked):
    return client.get(reverse(name), asked)


def rows(response, section, table=0):
    found = next(one for one in response.context["sections"] if one["slug"] == section)["tables"][table]["rows"]
    return {row.code: (row.n, row.mean_text, row.absolute, row.changed) for row in found}


def lead(world, who, region):
    return builders.Appointment.objects.filter(user=world[who], role="official", region=region).update(leads=True)


def test_a_round_by_item_and_by_district_as_reckoned_by_hand(world, sign_in, five):
    response = page(sign_in("official"))
    items = rows(response, "indicators")
    assert items["2.1"] == (5, "−0.40", Decimal("0.40"), Decimal("40.00"))  # −1 in two of five
    assert items["3.1"] == (5, "+1.20", Decimal("1.20"), Decimal("20.00"))  # +6 in one
    assert items["1.1"] == (5, "−1.00", Decimal("1.00"), Decimal("20.00"))  # −5 in one
    assert items["2.2"] == (5, "0.00", Decimal("0.00"), Decimal("0.00"))
    # totals: −1, −1, +6, −5, 0, over 5; one passed by itself and not at the inspection
    assert rows(response, "districts") == {"110101": (5, "−0.20", Decimal("2.60"), Decimal("20.00"))}
    assert rows(response, "districts", 1) == {}  # no spot check has been filed
    lines = sign_in("official").get(reverse("deviation_csv", args=["indicators"])).content.decode("utf-8-sig")
    assert '"2.1"' in lines
    assert ",5,-0.40,0.40,40.00" in lines


def test_few_cases_are_marked_and_sorting_has_to_be_asked_for(world, sign_in, five):
    visited(world, 50, found=("2.1",))
    far = world.bring_to(stages.INSPECTED, world.far_organ)
    response = page(sign_in("city"))
    assert list(rows(response, "districts")) == ["110101", "110102"]  # as the register has them
    assert rows(response, "districts")["110102"] == (1, "–", None, None)
    assert "few cases" in response.content.decode()
    assert list(rows(response, "indicators"))[:3] == ["1.1", "2.1", "2.2"]
    by_mean = rows(page(sign_in("city"), sort="mean"), "indicators")
    assert list(by_mean)[:2] == ["1.1", "2.1"]
    assert next(iter(rows(page(sign_in("city"), sort="-mean"), "indicators"))) == "3.1"
    assert rows(page(sign_in("far_official")), "districts") == {"110102": (1, "–", None, None)}
    assert far.cycle_id == world.cycle.pk


def test_as_many_statements_for_three_files_as_for_one(world, sign_in, django_assert_max_num_queries):
    visited(world, 40)
    client = sign_in("official")
    page(client)
    with django_assert_max_num_queries(40) as one:
        page(client)
    visited(world, 41)
    visited(world, 42)
    with django_assert_max_num_queries(len(one.captured_queries)):
        page(client)


def test_who_rates_a_file_blind_finds_it_in_no_sum(world, sign_in):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    team = [world["checker"], world["checker2"]]
    teams.assign_spot_check(file, team=team, lead=team[0], visit_on=clock.today(), by=world["superior"])
    assert page(sign_in("city")).context["cycle"] == world.cycle
    builders.Appointment.objects.create(
        user=world["checker"], role="official", region=world.city, starts_on=builders.LONG_AGO
    )
    assert rows(page(sign_in("checker")), "indicators") == {}


# --- by inspector --------------------------------------------------------------------------------------------------


def test_by_inspector_for_who_leads_that_department_alone(world, sign_in):
    world.bring_to(stages.CHECKED)  # inspected by the district, confirmed by the city
    for who in ("official", "city", "viewer", "inspector", "registrar", "stranger"):
        assert page(sign_in(who), "deviation_inspectors").status_code == 404
        status = sign_in(who).get(reverse("deviation_csv", args=["inspectors"])).status_code
        assert status == 404
    lead(world, "official", world.district)
    lead(world, "city", world.city)
    district = page(sign_in("official"), "deviation_inspectors")
    assert [list(rows(district, "inspectors", n)) for n in range(3)] == [["inspector", "inspector2"]] * 2 + [[]]
    city = page(sign_in("city"), "deviation_inspectors")
    assert [list(rows(city, "inspectors", n)) for n in range(3)] == [[], [], ["checker", "checker2"]]
    assert sign_in("official").get(reverse("deviation_csv", args=["inspectors"])).status_code == 200
    assert page(sign_in("superior"), "deviation_inspectors").status_code == 404  # a colleague who does not lead
    builders.Appointment.objects.filter(user=world["official"]).update(ends_on=clock.today() - timedelta(days=1))
    assert page(sign_in("official"), "deviation_inspectors").status_code == 404  # leading ends with the post


def test_the_registrar_says_who_leads_and_only_an_official_can(world, sign_in):
    client, url = sign_in("registrar"), reverse("appointment_add", args=[world["viewer"].pk])
    post = {"region": world.city.pk, "starts_on": clock.today().isoformat(), "leads": "on"}
    refused = client.post(url, keyed(role="viewer", **post))
    assert refused.context["form"].errors["leads"] == ["Only an official can lead the department."]
    assert client.post(url, keyed(role="official", **post)).status_code == 302
    assert "leads the department" in client.get(reverse("person_detail", args=[world["viewer"].pk])).content.decode()
    assert Event.objects.filter(verb="appoint").last().after["leads"] is True
    with pytest.raises(Refused):
        people.appoint(
            world["stranger"], role="inspector", region=world.city, starts_on=clock.today(), leads=True,
            by=world["registrar"],
        )  # fmt: skip
