"""The gate of the yearly figures: proposed from them, taken over, or explained."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

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
from tests.cast import keyed
from tests.creation.energy_years import FACTORS, THIS, factor, file, goal, page, rules, save

__all__ = ["file", "rules"]  # fixtures are found by their names

pytestmark = pytest.mark.django_db


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
