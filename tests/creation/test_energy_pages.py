"""The page of the yearly figures: entered by year and version, reckoned, taken over, read from a file."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from creation import stages
from creation.actions import figures
from creation.actions.answers import save_answer
from creation.actions.energy import (
    energy_indicator,
    energy_warnings,
    figures_content,
    open_energy_points,
    readings_of,
)
from creation.errors import Forbidden, Overtaken, Refused
from creation.models import ConversionFactor, EnergyFigures, EnergyGoal
from reviews.demo import builders
from tests.cast import keyed

pytestmark = pytest.mark.django_db

FACTORS = (
    ("electricity", "kgce", "0.1229"),
    ("gas", "kgce", "1.2143"),
    ("petrol", "kgce", "1.4714"),
    ("heat", "kgce", "34.12"),
    ("petrol_density", "kg", "0.74"),
)
LAST = {"electricity_kwh": 120000, "gas_m3": 5000, "petrol_l": 1000, "heat_gj": 300, "water_m3": 2000,
        "area_m2": 2000, "users": 100}  # fmt: skip
THIS = LAST | {"electricity_kwh": 117000, "water_m3": 1960}


def factor(by, carrier, into, value, since=date(2010, 1, 1), source="GB/T 2589"):
    row = ConversionFactor(carrier=carrier, into=into, factor=Decimal(value), valid_from=since, source=source)
    return figures.add_factor(row, by=by)


def goal(by, region, measure, percent, year):
    row = EnergyGoal(region=region, year=year, measure=measure, change_percent=Decimal(percent), source="通知")
    return figures.add_goal(row, by=by)


@pytest.fixture
def rules(world):
    """Lay down the factors in use and the city's goals on energy per m² and water per head."""
    for carrier, into, value in FACTORS:
        factor(world["city"], carrier, into, value)
    year = world.cycle.calendar_year
    goal(world["city"], world.city, "non_heating_per_m2", "-1.6", year)
    goal(world["city"], world.city, "water_per_head", "-1.4", year)


@pytest.fixture
def file(world):
    return world.start()


def entries(file, this=None, last=None, reason="", versions=(0, 0)):
    year = file.cycle.calendar_year
    return {
        year: figures.Entry(THIS if this is None else this, reason, versions[0]),
        year - 1: figures.Entry(LAST if last is None else last, "", versions[1]),
    }


def save(world, file, **more):
    return figures.save_figures(file, by=world["clerk"], years=entries(file, **more))


def page(file):
    return reverse("self_rating_energy", args=[file.pk])


def typed(this=None, last=None, **more):
    data = {f"this-{name}": str(value) for name, value in (this or {}).items()}
    data |= {f"last-{name}": str(value) for name, value in (last or {}).items()}
    return keyed(**data, **more)


def rows(file):
    return {row.year: row for row in EnergyFigures.objects.filter(assessment=file)}


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person, status", [("stranger", 404), ("clerk2", 404), ("official", 403), ("clerk", 200)])
def test_who_opens_the_figures_of_a_draft(world, sign_in, file, person, status):
    assert sign_in(person).get(page(file)).status_code == status


def test_a_stranger_and_a_signatory_write_no_figures(world, file):
    for person in ("stranger", "signatory", "official"):
        with pytest.raises(Forbidden):
            figures.save_figures(file, by=world[person], years=entries(file))
    assert rows(file) == {}


def test_the_team_reads_figures_and_workings_but_neither_proposal_nor_answer(world, sign_in, rules):
    file = world.start()
    save(world, file)
    file = builders.bring_to(file, stages.UNDER_INSPECTION, world.cast_for(world.organ))
    answer = sign_in("inspector").get(page(file))
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "117,000" in text
    assert "÷ 2,000" in text
    assert "Save the figures" not in text
    assert "The organ answers" not in text
    assert "by the figures" not in text
    assert "The organ answers: met." in sign_in("official").get(page(file)).content.decode()


# --- saving ----------------------------------------------------------------------------------------------------------


def test_both_years_are_saved_from_the_page_and_reckoned_there(world, sign_in, file, rules):
    client = sign_in("clerk")
    answer = client.post(page(file), typed(THIS, LAST), follow=True)
    text = answer.content.decode()
    year = file.cycle.calendar_year
    assert rows(file)[year].electricity_kwh == 117000
    assert rows(file)[year - 1].users == 100
    # (117,000 × 0.1229 + 5,000 × 1.2143) ÷ 2,000 = (14,379.3 + 6,071.5) ÷ 2,000 = 10.2254
    assert "10.2254" in text
    # 120,000 × 0.1229 = 14,748; (14,748 + 6,071.5) ÷ 2,000 = 10.40975
    assert "≈ 10.4098" in text
    # (10.2254 − 10.40975) ÷ 10.40975 = −1.7709… %, and water −2 %
    assert "≈ −1.77 % ≤ −1.6 %" in text
    assert "(19.6 − 20) ÷ 20 × 100 = −2.00 % ≤ −1.4 %" in text
    assert readings_of(file).proposal == "met"


def test_full_width_digits_and_groups_are_read_and_nonsense_is_named_with_everything_kept(world, sign_in, file):
    client = sign_in("clerk")
    client.post(page(file), typed({"electricity_kwh": "１２０,０００．５", "users": "100"}))
    year = file.cycle.calendar_year
    assert rows(file)[year].electricity_kwh == Decimal("120000.5")
    wrong = {"electricity_kwh": "12,5", "gas_m3": "-1", "users": "2.5", "area_m2": "0", "water_m3": "1.2345"}
    answer = client.post(page(file), typed(wrong, {"heat_gj": "abc"}))
    assert answer.status_code == 200
    assert answer.content.decode().count('<li><a href="#id_') == 6
    assert all(f'value="{value}"' in answer.content.decode() for value in (*wrong.values(), "abc"))
    assert "At most three decimal places" in answer.content.decode()
    assert rows(file)[year].electricity_kwh == Decimal("120000.5")


def test_an_empty_form_saves_nothing_and_an_empty_amount_stays_unknown(world, sign_in, file):
    client = sign_in("clerk")
    assert client.post(page(file), keyed()).status_code == 302
    assert rows(file) == {}
    client.post(page(file), typed({"users": "10"}))
    row = rows(file)[file.cycle.calendar_year]
    assert (row.users, row.electricity_kwh, row.gas_m3) == (10, None, None)


def test_a_colleague_in_between_is_shown_beside_and_nothing_is_lost(world, sign_in, file):
    year = file.cycle.calendar_year
    figures.save_figures(file, by=world["clerk"], years={year: figures.Entry({"users": 50})})
    client = sign_in("clerk")
    stale = {"this-version": "0", "this-users": "60", "this-initial": ""}
    answer = client.post(page(file), keyed(**stale))
    text = answer.content.decode()
    assert "A colleague saved the figures" in text
    assert 'value="60"' in text
    assert ">50<" in text
    assert rows(file)[year].users == 50
    # having seen both, the writer saves: the page goes on from the colleague's version
    assert 'name="this-version" value="1"' in text
    client.post(page(file), keyed(**{"this-version": "1", "this-users": "60"}))
    assert rows(file)[year].users == 60


def test_two_writers_of_different_years_lose_nothing(world, file):
    year = file.cycle.calendar_year
    figures.save_figures(file, by=world["clerk"], years={year: figures.Entry({"users": 50})})
    figures.save_figures(file, by=world["clerk"], years={year - 1: figures.Entry({"users": 40})})
    assert {each: row.users for each, row in rows(file).items()} == {year: 50, year - 1: 40}


def test_all_named_years_or_none_and_the_loser_is_told(world, file):
    save(world, file)
    year = file.cycle.calendar_year
    late = {
        year: figures.Entry(THIS | {"users": 90}, "", 1),
        year - 1: figures.Entry(LAST | {"users": 90}, "", 7),
    }
    with pytest.raises(Overtaken):
        figures.save_figures(file, by=world["clerk"], years=late)
    assert rows(file)[year].users == 100


def test_saying_the_same_again_is_no_new_version(world, file):
    save(world, file)
    save(world, file)
    assert {row.version for row in rows(file).values()} == {1}


def test_another_year_and_a_divisor_of_nothing_are_refused(world, file):
    with pytest.raises(Refused):
        figures.save_figures(file, by=world["clerk"], years={1999: figures.Entry({})})
    with pytest.raises(Refused) as refused:
        save(world, file, this=THIS | {"area_m2": 0, "electricity_kwh": -1})
    assert len(refused.value.problems) == 2
    assert rows(file) == {}


def test_figures_are_frozen_with_the_file_and_what_comes_later_does_not_touch_them(world, rules):
    file = world.start()
    save(world, file)
    file = builders.bring_to(file, stages.SUBMITTED, world.cast_for(world.organ))
    with pytest.raises(Refused):
        save(world, file, this=THIS | {"users": 5}, versions=(1, 1))
    before = readings_of(file)
    factor(world["city"], "electricity", "kgce", "0.3")
    goal(world["city"], world.district, "water_per_head", "-50", file.cycle.calendar_year)
    after = readings_of(file)
    assert after.measures == before.measures
    assert after.proposal == before.proposal == "met"


# --- last year -------------------------------------------------------------------------------------------------------


def test_last_year_is_offered_from_the_earlier_file_and_this_year_starts_empty(world, sign_in):
    earlier = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    old = builders.files.start(world.organ, earlier, by=world["clerk"])
    figures.save_figures(old, by=world["clerk"], years={earlier.calendar_year: figures.Entry(LAST, "搬迁")})
    builders.bring_to(old, stages.SUBMITTED, world.cast_for(world.organ))
    file = world.start()
    client = sign_in("clerk")
    text = client.get(page(file)).content.decode()
    assert f"come from your file of {earlier.year}" in text
    assert 'name="last-electricity_kwh" id="id_last-electricity_kwh" value="120000"' in text
    assert 'name="this-electricity_kwh" id="id_this-electricity_kwh" value=""' in text
    # saved untouched it is this file's own: what was offered counts as read
    offered = {f"last-{name}": str(value) for name, value in LAST.items()}
    offered |= {f"initial-{name}": value for name, value in offered.items()}
    client.post(page(file), keyed(**offered))
    row = rows(file)[file.cycle.calendar_year - 1]
    assert (row.electricity_kwh, row.change_reason) == (120000, "")
    assert "come from your file" not in client.get(page(file)).content.decode()


def test_a_draft_is_no_earlier_file(world, sign_in):
    earlier = builders.make_cycle(world.city, world.standard, by=world["city"], year=world.cycle.year - 1)
    old = builders.files.start(world.organ, earlier, by=world["clerk"])
    figures.save_figures(old, by=world["clerk"], years={earlier.calendar_year: figures.Entry(LAST)})
    assert "come from your file" not in sign_in("clerk").get(page(world.start())).content.decode()


# --- the gate --------------------------------------------------------------------------------------------------------


def take_over(client, file, proposal, version=0):
    return client.post(reverse("energy_take_over", args=[file.pk]), keyed(proposal=proposal, version=version))


def test_the_proposal_is_taken_over_with_one_click(world, sign_in, file, rules):
    save(world, file)
    client = sign_in("clerk")
    assert "Answer the item with" in client.get(page(file)).content.decode()
    item = reverse("self_rating_item", args=[file.pk, "1.1"])
    assert "What the figures say" in client.get(item).content.decode()
    assert "What the figures say" not in client.get(reverse("self_rating_item", args=[file.pk, "2.7"])).content.decode()
    assert take_over(client, file, "met").headers["Location"] == item
    answer = file.answers.get(indicator__code="1.1")
    assert (answer.found, answer.points) == ({"met": True}, Decimal(5))
    assert "Answer the item with" not in client.get(item).content.decode()


def test_what_was_read_must_still_be_so(world, file, rules):
    save(world, file)
    with pytest.raises(Overtaken):
        figures.take_over_proposal(file, by=world["clerk"], proposal="not_met", version=0)
    save_answer(file, energy_indicator(file.cycle.standard), by=world["clerk"], found={"met": False})
    with pytest.raises(Overtaken):
        figures.take_over_proposal(file, by=world["clerk"], proposal="met", version=0)
    with pytest.raises(Forbidden):
        figures.take_over_proposal(file, by=world["stranger"], proposal="met", version=1)


def test_without_a_goal_or_a_figure_nothing_is_proposed(world, sign_in, file):
    assert "No goal of" in sign_in("clerk").get(page(file)).content.decode()
    with pytest.raises(Refused):
        figures.take_over_proposal(file, by=world["clerk"], proposal="unknown", version=0)
    for carrier, into, value in FACTORS:
        factor(world["city"], carrier, into, value)
    goal(world["city"], world.city, "energy_per_head", "-1", file.cycle.calendar_year)
    save(world, file, this=THIS | {"heat_gj": None})
    assert readings_of(file).proposal == "unknown"
    assert "missing: heat (GJ)" in sign_in("clerk").get(page(file)).content.decode()


def test_an_answer_against_the_figures_is_explained(world, file, rules):
    save(world, file, this=THIS | {"water_m3": 2100})
    gate = energy_indicator(file.cycle.standard)
    answer = save_answer(file, gate, by=world["clerk"], found={"met": True})
    assert [code for code, _text in open_energy_points(file)] == ["1.1"]
    save_answer(file, gate, by=world["clerk"], found={"met": True}, remark="漏水已修复", version=answer.version)
    assert open_energy_points(file) == []


def test_a_big_change_asks_why_exactly_above_ten_percent(world, file):
    save(world, file, this=THIS | {"users": 110, "area_m2": 1800})
    assert open_energy_points(file) == []
    save(world, file, this=THIS | {"users": 111, "area_m2": 1799}, versions=(1, 1))
    assert len(open_energy_points(file)) == 2
    save(world, file, this=THIS | {"users": 111, "area_m2": 1799}, reason="新增一层办公用房", versions=(2, 1))
    assert open_energy_points(file) == []


def test_what_is_not_known_is_a_warning(world, file):
    assert [kind for _code, kind, _text in energy_warnings(file)] == ["energy_missing_this", "energy_missing_last"]
    save(world, file)
    assert energy_warnings(file) == []


def test_a_nearer_region_has_its_own_goal_for_its_measure_alone(world, file, rules):
    year = file.cycle.calendar_year
    goal(world["city"], world.district, "water_per_head", "-5", year)
    goal(world["city"], world.other_district, "non_heating_per_m2", "-50", year)
    held = {one.measure: (one.region, one.change_percent) for one in readings_of(file).goals}
    assert held == {
        "non_heating_per_m2": (world.city, Decimal("-1.60")),
        "water_per_head": (world.district, Decimal("-5.00")),
    }


def test_the_newest_row_of_a_date_and_the_newest_date_of_the_year_hold(world, file):
    year = file.cycle.calendar_year
    factor(world["city"], "gas", "kgce", "1.33", date(2010, 1, 1))
    factor(world["city"], "gas", "kgce", "1.2143", date(2010, 1, 1))
    assert readings_of(file).factors[0].factor == Decimal("1.2143")
    factor(world["city"], "gas", "kgce", "1.33", date(year, 12, 31))
    assert readings_of(file).factors[0].factor == Decimal("1.33")
    factor(world["city"], "gas", "kgce", "1.9", date(year + 1, 1, 1))
    assert readings_of(file).factors[0].factor == Decimal("1.33")


def test_content_is_the_same_text_on_every_database(world, file):
    save(world, file, this={"electricity_kwh": Decimal("117000.500"), "users": 100}, last={"heat_gj": Decimal(0)})
    year = file.cycle.calendar_year
    empty = dict.fromkeys(("gas_m3", "petrol_l", "petrol_kg", "water_m3", "area_m2"))
    assert figures_content(file) == [
        {"year": year, "electricity_kwh": "117000.5", "heat_gj": None, "users": "100", "change_reason": "", **empty},
        {"year": year - 1, "electricity_kwh": None, "heat_gj": "0", "users": None, "change_reason": "", **empty},
    ]


# --- factors and goals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person, status", [("city", 200), ("stranger", 403), ("official", 403), ("clerk", 403)])
def test_who_lays_down_factors_and_goals(world, sign_in, person, status):
    client = sign_in(person)
    found = {client.get(reverse(name)).status_code for name in ("factor_list", "factor_add", "energy_goal_list")}
    assert found == {status}
    assert client.get(reverse("energy_goal_add")).status_code == status


def test_a_factor_and_a_goal_come_in_by_their_pages_and_keep_their_history(world, sign_in):
    client = sign_in("city")
    assert "No factor yet" in client.get(reverse("factor_list")).content.decode()
    sent = {"carrier": "gas", "into": "kgce", "factor": "1.33", "valid_from": "2024-01-01", "source": "某通知"}
    assert client.post(reverse("factor_add"), keyed(**sent)).status_code == 302
    client.post(reverse("factor_add"), keyed(**(sent | {"factor": "1.2143", "valid_from": "2020-01-01"})))
    text = client.get(reverse("factor_list")).content.decode()
    assert text.count("holds today") == 1
    assert text.index("1.33") < text.index("1.2143")
    wrong = client.post(reverse("factor_add"), keyed(**(sent | {"into": "kg", "factor": "0", "source": ""})))
    assert {"into", "factor", "source"} <= set(wrong.context["form"].errors)
    aim = {
        "region": world.city.pk,
        "year": 2023,
        "measure": "water_per_head",
        "change_percent": "-1.4",
        "source": "通知",
    }
    assert client.post(reverse("energy_goal_add"), keyed(**aim)).status_code == 302
    client.post(reverse("energy_goal_add"), keyed(**(aim | {"change_percent": "-1.5"})))
    text = client.get(reverse("energy_goal_list")).content.decode()
    assert text.count("replaced") == 1
    assert "−1.4 %" in text
    assert EnergyGoal.objects.count() == 2


def test_nobody_sets_a_goal_for_a_region_of_others(world):
    for person, region in (("official", world.district), ("city", world.nation), ("stranger", world.city)):
        with pytest.raises(Forbidden):
            goal(world[person], region, "water_per_head", "-1", 2025)


@pytest.mark.parametrize("kind, number", [("factor_list", 6), ("energy_goal_list", 5)])
def test_lists_ask_the_same_number_of_questions_however_long(world, sign_in, django_assert_num_queries, kind, number):
    client = sign_in("city")
    counts = []
    for year in (2020, 2022):
        for each in range(year, year + 2):
            factor(world["city"], "gas", "kgce", "1.2", date(each, 1, 1))
            goal(world["city"], world.city, "water_per_head", "-1", each)
        with django_assert_num_queries(number) as seen:
            client.get(reverse(kind))
        counts.append(len(seen))
    assert counts == [number, number]
